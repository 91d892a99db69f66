# The member's time zone.

zone = Set your time zone, so that days and hours are yours.
zone-form = What time is it for you?
    .where = Your city, or what your clock shows now
set = It's { $time } for you now. Days and hours go by that.
not-understood = I didn't recognise that. Try a big city near you (Lisbon), an offset (UTC+2), or what your clock shows (19:40).
