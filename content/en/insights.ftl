# When urges and contacts came, and how the days were. Every sentence is so, and none of them judges.

insights = When urges come, and how your days went.

urges-few = { $count ->
    [0] From { $needed } urges on I can say when they come.
    [one] From { $needed } urges on I can say when they come: there is one so far.
   *[other] From { $needed } urges on I can say when they come: there are { $count } so far.
 }
urges-most-hours = { $all ->
    [yes] All { $count } urges came on { $day }s
   *[no] Most of your { $count } urges came on { $day }s
 }, and { $all_hours ->
    [yes] all
   *[no] most
 } between { $begin } and { $end }.
urges-most = { $all ->
    [yes] All { $count } urges came on { $day }s.
   *[no] Most of your { $count } urges came on { $day }s.
 }
urges-more-hours = Of your { $count } urges, { $here } came on { $day }s, more than on any other day; { $all_hours ->
    [yes] all
   *[no] most
 } came between { $begin } and { $end }.
urges-more = Of your { $count } urges, { $here } came on { $day }s, more than on any other day.
urges-no-day-hours = { $all_hours ->
    [yes] All { $count } urges came between { $begin } and { $end }.
   *[no] Most of your { $count } urges came between { $begin } and { $end }.
 } No single day stands out.
urges-no-day = Among your { $count } urges no single day stands out, and no part of the day.

contacts-few = { $count ->
    [0] Your days have no contact in them.
    [one] One contact is logged: too few to see anything in, that takes { $needed }.
   *[other] { $count } contacts are logged: too few to see anything in, that takes { $needed }.
 }
contacts-because = { $many ->
    [all] All { $count } contacts were set off by { $what }.
   *[some] { $here } of { $count } contacts were set off by { $what }.
 }
contacts-most-hours = { $all ->
    [yes] All { $count } contacts were on { $day }s
   *[no] Most of the { $count } contacts were on { $day }s
 }, and { $all_hours ->
    [yes] all
   *[no] most
 } between { $begin } and { $end }.
contacts-most = { $all ->
    [yes] All { $count } contacts were on { $day }s.
   *[no] Most of the { $count } contacts were on { $day }s.
 }
contacts-more-hours = Of { $count } contacts, { $here } were on { $day }s, more than on any other day; { $all_hours ->
    [yes] all
   *[no] most
 } were between { $begin } and { $end }.
contacts-more = Of { $count } contacts, { $here } were on { $day }s, more than on any other day.
contacts-no-day-hours = { $all_hours ->
    [yes] All { $count } contacts were between { $begin } and { $end }.
   *[no] Most of the { $count } contacts were between { $begin } and { $end }.
 } No single day stands out.
contacts-no-day = Among the { $count } contacts no single day stands out.
by-lonely = feeling alone
by-night = the night
by-alcohol = alcohol
by-date = their birthday, or a date
by-saw = seeing them, or a photo
by-they_wrote = something they wrote
by-anger = anger

moods-few = { $count ->
    [0] From { $needed } check-ins in twelve weeks on I can say how your days went.
    [one] From { $needed } check-ins in twelve weeks on I can say how your days went: there is one so far.
   *[other] From { $needed } check-ins in twelve weeks on I can say how your days went: there are { $count } so far.
 }
moods-changed = In the last twelve weeks your days have gone from “{ $first }” to “{ $last }”: the middle of your first { $each } check-ins, and of your last { $each }.
moods-same = In the last twelve weeks your days have stayed at “{ $last }”: the middle of your first { $each } check-ins, and of your last { $each }.
check-in = Check in

as-dark = Dark
as-light = Light
urges = urges
contacts = contacts
no-counts = From { $urges } urges on, this shows when they come.
no-moods = From { $needed } check-ins on, this shows how your days went.
alt-urges = Urges by weekday: { $days }. By hour: { $hours }.
alt-contacts = Contacts by weekday: { $days }. By hour: { $hours }.
alt-moods = Check-ins of the last twelve weeks: { $moods }. The last one: { $last }.
alt-item = { $name } { $count }
hour-unknown = hour not known
