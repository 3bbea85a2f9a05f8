# The tests of the spider: its parts by Boost.Test, the program as its users run
# it. They need no network but the loopback interface.

find_package(Boost 1.81 QUIET COMPONENTS unit_test_framework)
if(TARGET Boost::unit_test_framework AND NOT TORO_TEST_HEADER_ONLY)
  set(tls_tests)
  if(OPENSSL_FOUND)
    set(tls_tests spider/tls.cpp)
  endif()
  toro_join_sources(spider_tests web_spider_test 4
    spider/main.cpp
    spider/config_file.cpp
    spider/crawl.cpp
    spider/css_links.cpp
    spider/document.cpp
    spider/embedded_site.cpp
    spider/encodings.cpp
    spider/findings.cpp
    spider/gzip.cpp
    spider/html_links.cpp
    spider/options.cpp
    spider/page_table.cpp
    spider/progress.cpp
    spider/proxy.cpp
    spider/redirects.cpp
    spider/report.cpp
    spider/report_formats.cpp
    spider/retry.cpp
    spider/robots.cpp
    spider/site.cpp
    ${tls_tests}
    spider/url_filter.cpp
    spider/visit.cpp)
  add_executable(web_spider_test ${spider_tests})
  target_include_directories(web_spider_test PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(web_spider_test
    PRIVATE web_spider_parts toro_warnings Boost::unit_test_framework)
  if(OPENSSL_FOUND)
    target_link_libraries(web_spider_test PRIVATE OpenSSL::SSL OpenSSL::Crypto)
  endif()
  target_precompile_headers(web_spider_test PRIVATE
    <boost/asio/awaitable.hpp>
    <boost/asio/co_spawn.hpp>
    <boost/asio/io_context.hpp>
    <boost/asio/ip/tcp.hpp>
    <boost/asio/use_awaitable.hpp>
    <boost/regex.hpp>
    <boost/url/url.hpp>
    <toro/event.hpp>
    <toro/joinable_queue.hpp>)
  target_compile_options(web_spider_test PRIVATE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  add_test(NAME web_spider.parts COMMAND web_spider_test)
endif()

# For figures: the pages a second, and the memory a page.
add_executable(web_spider_generated_site EXCLUDE_FROM_ALL
  ${PROJECT_SOURCE_DIR}/test/spider/generated_site.cpp)
target_link_libraries(web_spider_generated_site
  PRIVATE toro::toro toro_warnings)

# What the crawl of the embedded site must come to, number by number.
add_test(NAME web_spider.embedded_site
  COMMAND ${CMAKE_COMMAND} -DSPIDER=$<TARGET_FILE:web_spider>
    -DRESULT=${CMAKE_CURRENT_BINARY_DIR}/embedded_site.json
    -P ${CMAKE_CURRENT_SOURCE_DIR}/check_embedded_site.cmake)

# What else it prints, and what it ends with.
function(web_spider_prints name status text)
  list(JOIN ARGN "," arguments)
  add_test(NAME web_spider.${name}
    COMMAND ${CMAKE_COMMAND} -DSPIDER=$<TARGET_FILE:web_spider>
      -DARGUMENTS=${arguments} -DSTATUS=${status} -DTEXT=${text}
      -P ${CMAKE_CURRENT_SOURCE_DIR}/check_end.cmake)
endfunction()

web_spider_prints(help 0 "Exit status:" --help)
web_spider_prints(unknown_option 2 "unrecognised option" --bogus)
web_spider_prints(bad_number 2 "--workers must be between" --workers 0)
web_spider_prints(bad_url 2 "is not an http:// URL" 127.0.0.1:80)
if(OPENSSL_FOUND)
  web_spider_prints(https 1 "cannot reach https://127.0.0.1:1/: connect"
    https://127.0.0.1:1/)
else()
  web_spider_prints(https 2 "has no TLS" https://127.0.0.1/)
endif()
# The program that a build without OpenSSL would be.
if(OPENSSL_FOUND)
  add_executable(web_spider_without_tls tls_missing.cpp)
  target_link_libraries(web_spider_without_tls
    PRIVATE web_spider_main web_spider_parts toro_warnings)
  foreach(ending "https,2,has no TLS,https://127.0.0.1/"
      "help,0,was built without OpenSSL,--help"
      "embedded_site,0,Broken links:,--quiet")
    string(REPLACE "," ";" ending "${ending}")
    list(POP_FRONT ending name status text argument)
    add_test(NAME web_spider.without_tls_${name}
      COMMAND ${CMAKE_COMMAND} -DSPIDER=$<TARGET_FILE:web_spider_without_tls>
        -DARGUMENTS=${argument} -DSTATUS=${status} -DTEXT=${text}
        -P ${CMAKE_CURRENT_SOURCE_DIR}/check_end.cmake)
  endforeach()
endif()
web_spider_prints(ca_file 2 "cannot read certificates from /nowhere.pem"
  --ca-file /nowhere.pem)
web_spider_prints(bad_port 2 "port 99999 is not between 1 and 65535"
  http://127.0.0.1:99999/)
web_spider_prints(slash_in_password 2 "the port is not a number from 1 to"
  http://user:secret/word@127.0.0.1:1/)
web_spider_prints(user_in_url 1 "cannot reach http://127.0.0.1:1/: connect"
  http://user:secret@127.0.0.1:1/)
web_spider_prints(config 2 "cannot read /nowhere.conf" --config /nowhere.conf)
web_spider_prints(missing_anchors 3 "Missing anchors: 1" --fail-on anchors)
web_spider_prints(csv 0 "broken,\"http://127.0.0.1" --csv -)
web_spider_prints(junit 0 "<failure message=" --junit -)
web_spider_prints(unreachable 1 "cannot reach http://127.0.0.1:1/: connect"
  http://127.0.0.1:1/)
web_spider_prints(unwritable 1 "cannot write" --json /nowhere/result.json)
web_spider_prints(broken_links 3 "Broken links:" --fail-on-broken)
web_spider_prints(out_of_time 4 "out of time" --crawl-timeout 0.3)

add_test(NAME web_spider.proxy_that_is_none
  COMMAND ${CMAKE_COMMAND} -E env https_proxy=socks5://u:secret@127.0.0.1
    ${CMAKE_COMMAND} -DSPIDER=$<TARGET_FILE:web_spider> -DSTATUS=2
      -DARGUMENTS=http://127.0.0.1:1/ "-DTEXT=https_proxy is no http:// URL"
      -P ${CMAKE_CURRENT_SOURCE_DIR}/check_end.cmake)
add_test(NAME web_spider.readme
  COMMAND ${CMAKE_COMMAND} -P ${CMAKE_CURRENT_SOURCE_DIR}/check_readme.cmake)

# The script says so before it builds anything.
find_program(BASH_PROGRAM bash)
if(BASH_PROGRAM)
  add_test(NAME web_spider.open_files
    COMMAND ${CMAKE_COMMAND}
      "-DSPIDER=${BASH_PROGRAM},-c,ulimit -n 64 && $<TARGET_FILE:web_spider>"
      -DSTATUS=2 "-DTEXT=open files, and the system allows 64"
      -P ${CMAKE_CURRENT_SOURCE_DIR}/check_end.cmake)
  function(run_spider_refuses name text url)
    add_test(NAME web_spider.script_refuses_${name}
      COMMAND ${CMAKE_COMMAND}
        "-DSPIDER=${BASH_PROGRAM},${PROJECT_SOURCE_DIR}/cmake/run_spider.sh"
        -DARGUMENTS=${url} -DSTATUS=2 -DTEXT=${text}
        -P ${CMAKE_CURRENT_SOURCE_DIR}/check_end.cmake)
  endfunction()
  run_spider_refuses(scheme "is not an http:// or https:// URL"
    ftp://127.0.0.1/)
  run_spider_refuses(scheme_behind_an_option "is not an http://"
    --quiet,ftp://127.0.0.1/)
  run_spider_refuses(port "port 99999 is not between" http://127.0.0.1:99999/)
  run_spider_refuses(secret "in '...@127.0.0.1:0/'"
    http://user:secret@127.0.0.1:0/)
  run_spider_refuses(secret_with_slash "the port is not a number from 1 to"
    http://user:secret/word@127.0.0.1/)
endif()

get_property(spider_test_names DIRECTORY PROPERTY TESTS)
set_tests_properties(${spider_test_names} PROPERTIES TIMEOUT 180)
