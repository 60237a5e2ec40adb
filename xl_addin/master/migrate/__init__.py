"""What a master of an older layout lacks, and how it gets it without losing anything of staff's."""
