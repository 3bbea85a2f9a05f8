# Crawls the embedded site, and checks every count of the result:
# cmake -DSPIDER=<program> -DRESULT=<file> -P check_embedded_site.cmake

# Long enough for a loaded machine; the three pages that hang take it at once.
# The page without end must reach its limit within that time.
execute_process(
  COMMAND ${SPIDER} --read-timeout 2 --body-limit 2048 --json ${RESULT}
  RESULT_VARIABLE status OUTPUT_VARIABLE table ERROR_VARIABLE errors)
if(NOT status EQUAL 0 OR NOT errors STREQUAL "")
  message(FATAL_ERROR "status ${status}: ${errors}")
endif()
file(READ ${RESULT} json)

set(differences "")
function(expect value)
  string(JSON found GET "${json}" ${ARGN})
  if(NOT found STREQUAL value)
    list(JOIN ARGN "." path)
    string(APPEND differences "\n${path} is ${found}, not ${value}")
    set(differences "${differences}" PARENT_SCOPE)
  endif()
endfunction()

# Twelve sections of twenty-four pages with an index; in each of them a variant
# to print and a page with an umlaut; home, troubles, the endless one, the deep
# one and its bottom.
expect(complete end)
expect(329 totals pages)
expect(4 totals files)
expect(333 totals 2xx)
# Twelve that moved, a chain of 3, a circle of 2 and one of 1, 11 of those that
# go on for ever, to nowhere, off the site, without a location.
expect(32 totals 3xx)
expect(1 totals redirects_off_site)
# One missing page in each section, nowhere, and 410.
expect(14 totals 4xx)
expect(2 totals 5xx)
expect(3 totals timed_out)
expect(3 totals failed)
expect(1 totals too_large)
expect(387 totals visited)
expect(0 totals not_visited)
# All linked to: 12 missing, 410, 500, 503, 3 that hang, one each that is dropped,
# cut short, no HTTP, in a circle, in a circle of its own, for ever redirected,
# redirected to nowhere, without a location, malformed.
expect(27 totals broken)
expect(1 totals missing_anchors)
expect(0 totals disallowed)
expect(1625 links on_site)
expect(2 links off_site)
expect(1 links not_http)
expect(3 links not_checked)
expect(0 links with_user)
expect(1 links malformed)

string(JSON broken GET "${json}" broken)
foreach(problem "404 Not Found" "410 Gone" "500 Internal Server Error"
    "503 Service Unavailable, tried 3 times" "read timed out"
    "read failed: the server closed the connection without an answer"
    "read failed: the server closed the connection within its answer"
    "port 99999 is not between 1 and 65535" "redirects in a circle"
    "too many redirects" "redirect without a location")
  string(FIND "${broken}" "\"${problem}\"" place)
  if(place EQUAL -1)
    string(APPEND differences "\nno broken link with \"${problem}\"")
  endif()
endforeach()

string(JSON notice GET "${json}" notices 0 notice)
if(NOT notice MATCHES "exceeds --body-limit")
  string(APPEND differences "\nno notice of the endless page")
endif()

if(differences)
  message(FATAL_ERROR "the result is not what the site holds:${differences}")
endif()
