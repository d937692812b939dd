"""Worksheets of sums, with their answers on a second sheet."""

from random import Random

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties

from tongyan.demo.sealing import sealed

ROWS, COLUMNS = 10, 4
LINE = Side(style="thin", color="9AA5B1")
SIGNS = {"加减法": "+-", "万以内加减法": "+-", "表内乘除法": "×÷"}


def sums(topic: str, author: str) -> bytes:
    """Return forty sums of a kind (加减法, 万以内加减法, 表内乘除法)."""
    draw = Random(topic)  # noqa: S311 # the same sums every time are what is wanted
    tasks = [_task(draw, SIGNS[topic]) for _ in range(ROWS * COLUMNS)]
    book = Workbook()
    book.properties.creator = author
    first = book.worksheets[0]
    first.title = "练习"
    for sheet, title, answers in ((first, f"口算练习：{topic}", False), (book.create_sheet("答案"), "参考答案", True)):
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=COLUMNS)
        sheet.cell(1, 1, title).font = Font(name="微软雅黑", size=18, bold=True)
        sheet.cell(1, 1).alignment = Alignment(horizontal="center")
        sheet.cell(2, 1, "班级：　　　　姓名：　　　　用时：　　分").font = Font(name="微软雅黑", size=12)
        for number, (asked, answer) in enumerate(tasks):
            cell = sheet.cell(number // COLUMNS + 4, number % COLUMNS + 1, f"{asked}{answer if answers else ''}")
            cell.font, cell.border = Font(name="微软雅黑", size=14), Border(LINE, LINE, LINE, LINE)
            cell.fill = PatternFill("solid", fgColor="F3F7FA" if number // COLUMNS % 2 else "FFFFFF")
        for column in "ABCD":
            sheet.column_dimensions[column].width = 20
        sheet.row_dimensions[1].height = 34
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToHeight, sheet.page_setup.paperSize = 0, sheet.PAPERSIZE_A4
        for row in range(4, 4 + ROWS):
            sheet.row_dimensions[row].height = 28
    return sealed(book.save)


def _task(draw: Random, signs: str) -> tuple[str, int]:
    sign = draw.choice(signs)
    if sign in "×÷":
        first, second = draw.randint(2, 9), draw.randint(2, 9)
        product = first * second
        return (f"{first} × {second} = ", product) if sign == "×" else (f"{product} ÷ {first} = ", second)
    first, second = draw.randint(20, 89), draw.randint(5, 60)
    low, high = sorted((first, second))
    return (f"{first} + {second} = ", first + second) if sign == "+" else (f"{high} - {low} = ", high - low)
