"""Units: centres, departments, police stations and partners."""
