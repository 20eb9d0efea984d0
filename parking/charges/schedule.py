"""When a gateway is to be asked about a charge that nobody has settled yet (reliability.md 4.5)."""

from datetime import datetime, timedelta

AFTER_ASKING = tuple(timedelta(minutes=m) for m in (1, 3, 10, 30))
AFTER_EXPIRY = (timedelta(0), timedelta(minutes=5))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def next_inquiry(created_at: datetime, expires_at: datetime, now: datetime) -> datetime:
    """The first moment after `now` at which the gateway is asked about a charge.

    1, 3, 10 and 30 minutes after it was made, when it expires and five minutes
    later, then every hour for a day, then every day. Nothing is counted, so a
    machine that was down asks once and is on the schedule again.
    """
    planned = [created_at + after for after in AFTER_ASKING]
    planned += [expires_at + after for after in AFTER_EXPIRY]
    later = [moment for moment in planned if moment > now]
    every = HOUR if now - created_at < DAY else DAY
    regular = created_at + ((now - created_at) // every + 1) * every
    return min([*later, max(regular, created_at + every)])
