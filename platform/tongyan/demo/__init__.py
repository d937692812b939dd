"""The demo group: a county of schools, their teachers, and courseware made of classical texts."""
