from tests.jobs.nights import three_days

__all__ = ["three_days"]
