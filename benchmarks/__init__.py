"""What the program costs, measured beside what it is measured against."""
