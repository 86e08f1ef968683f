"""The probe ladder (R9, methods M5): cheap figures that tell a fault of the framework from one of the data.

Figures only; what they mean is decided by ``workflows/policies/sanity``.
"""
