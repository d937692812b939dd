"""The use cases of org, one module each: `from tongyan.org.services import groups, schools`."""
