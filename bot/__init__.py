"""The process: the only place that constructs things and knows vendors."""
