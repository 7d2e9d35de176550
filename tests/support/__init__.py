"""What the tests share: warehouses to spoil, months made by hand, second computations, attacks."""
