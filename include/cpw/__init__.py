"""The Corporate Parenting Warehouse: from monthly extracts to a gated, published scorecard."""

__version__ = "0.1.0"
