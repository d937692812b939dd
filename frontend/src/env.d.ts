/** Where the build put the character maps, fonts and decoders of pdf.js; see vite.config.ts. */
declare const __PDF_DATA__: string;
