// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>

#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/case_template.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_result_exception)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;
using boost::system::error_code;
using toro::error;

template <class Threading>
using number_of = toro::basic_async_result<int, any_executor, Threading>;
template <class Threading>
using done_of = toro::basic_async_result<void, any_executor, Threading>;

// An exception that is no std::exception, and can be told from its copies.
struct breakdown
{
  std::shared_ptr<int> trace;
};

// What a function throws, or null.
template <class Function>
std::exception_ptr thrown_by(Function function)
{
  try
  {
    function();
  }
  catch (...)
  {
    return std::current_exception();
  }
  return nullptr;
}

// Everything that a result gives once an exception was set.
template <class Result>
void gives_exception(const Result& ar, const std::exception_ptr& failure)
{
  BOOST_TEST(ar.ready());
  BOOST_TEST((ar.exception() == failure));
  BOOST_TEST((thrown_by(
                  [&]
                  {
                    static_cast<void>(ar.get());
                  }) == failure));
  BOOST_TEST((thrown_by(
                  [&]
                  {
                    static_cast<void>(ar.try_get());
                  }) == failure));
  error_code ec;
  static_cast<void>(ar.get(ec));
  BOOST_TEST((ec == error::failed));
  BOOST_TEST(to_string(ar) == "<async_result error>");
}

} // namespace

TORO_TEST_CASE_TEMPLATE(readers_are_told_and_find_the_exception_itself,
                        Threading, policies)
{
  const auto failure = std::make_exception_ptr(std::runtime_error("broken"));
  world w;
  number_of<Threading> number(w.context());
  done_of<Threading> done(w.context());
  number.async_get(w.on("first"));
  number.async_get(1h, w.on("second"));
  done.async_get(w.on("done"));
  BOOST_TEST(number.set_exception(failure) == 2u);
  BOOST_TEST(done.set_exception(failure) == 1u);
  const std::string failed = make_error_code(error::failed).message();
  BOOST_TEST(w.poll() ==
             "first:" + failed + " second:" + failed + " done:" + failed);
  number.async_get(w.on("late"));
  BOOST_TEST(w.poll() == "late:" + failed);
  gives_exception(number, failure);
  gives_exception(done, failure);
}

TORO_TEST_CASE_TEMPLATE(any_exception_will_do, Threading, policies)
{
  world w;
  const auto trace = std::make_shared<int>(1);
  number_of<Threading> ar(w.context());
  error_code ec = error::closed;
  BOOST_TEST(ar.set_exception(std::make_exception_ptr(breakdown{trace}), ec) ==
             0u);
  BOOST_TEST(!ec);
  try
  {
    static_cast<void>(ar.get());
    BOOST_ERROR("nothing was thrown");
  }
  catch (const breakdown& b)
  {
    BOOST_TEST(b.trace == trace);
  }
}

// A system_error is an exception as others are: its code stays inside.
TORO_TEST_CASE_TEMPLATE(system_error_is_not_taken_apart, Threading, policies)
{
  world w;
  done_of<Threading> ar(w.context());
  ar.set_exception(std::make_exception_ptr(
      boost::system::system_error(make_error_code(error::closed))));
  error_code ec;
  ar.get(ec);
  BOOST_TEST((ec == error::failed));
  BOOST_TEST(throws_code(
      [&]
      {
        ar.get();
      },
      error::closed));
}

TORO_TEST_CASE_TEMPLATE(null_is_an_invalid_argument, Threading, policies)
{
  world w;
  number_of<Threading> ar(w.context());
  error_code ec;
  BOOST_CHECK_THROW(ar.set_exception(nullptr), std::invalid_argument);
  BOOST_CHECK_THROW(ar.set_exception(nullptr, ec), std::invalid_argument);
  BOOST_TEST(!ar.ready());
  BOOST_TEST(!ec);
}

TORO_TEST_CASE_TEMPLATE(there_is_no_exception_but_the_one_set, Threading,
                        policies)
{
  world w;
  number_of<Threading> unset(w.context());
  BOOST_TEST(!unset.exception());
  number_of<Threading> good(w.context());
  good.set(1);
  BOOST_TEST(!good.exception());
  number_of<Threading> bad(w.context());
  bad.set_error(error::failed);
  BOOST_TEST(!bad.exception());
  BOOST_TEST(throws_code(
      [&]
      {
        static_cast<void>(bad.get());
      },
      error::failed));
}

TORO_TEST_CASE_TEMPLATE(result_that_is_ready_keeps_what_it_has, Threading,
                        policies)
{
  world w;
  const auto failure = std::make_exception_ptr(1);
  const auto other = std::make_exception_ptr(2);
  number_of<Threading> good(w.context());
  good.set(1);
  error_code ec;
  BOOST_TEST(good.set_exception(failure, ec) == 0u);
  BOOST_TEST((ec == error::already_set));
  BOOST_TEST(throws_code(
      [&]
      {
        good.set_exception(failure);
      },
      error::already_set));
  BOOST_TEST(good.get() == 1);
  BOOST_TEST(!good.exception());

  done_of<Threading> bad(w.context());
  bad.set_exception(failure);
  bad.set_exception(other, ec);
  BOOST_TEST((ec == error::already_set));
  bad.set(ec);
  BOOST_TEST((ec == error::already_set));
  bad.set_error(error::closed, ec);
  BOOST_TEST((ec == error::already_set));
  gives_exception(bad, failure);
}

// It lives as long as the result, and no longer.
TORO_TEST_CASE_TEMPLATE(exception_goes_with_the_result, Threading, policies)
{
  world w;
  const auto trace = std::make_shared<int>(1);
  {
    std::optional<number_of<Threading>> ar(std::in_place, w.context());
    ar->set_exception(std::make_exception_ptr(breakdown{trace}));
    number_of<Threading> moved(std::move(*ar));
    ar.reset();
    BOOST_TEST(trace.use_count() == 2);
    BOOST_TEST(!!moved.exception());
  }
  BOOST_TEST(trace.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(coroutine_is_told_by_the_code)
{
  world w;
  toro::async_result<int> ar(w.context());
  ar.set_exception(std::make_exception_ptr(1));
  w.spawn("reader",
          [](toro::async_result<int>& from) -> boost::asio::awaitable<void>
          {
            static_cast<void>(
                co_await from.async_get(boost::asio::use_awaitable));
          }(ar));
  BOOST_TEST(w.poll().starts_with("reader:" +
                                  make_error_code(error::failed).message()));
}

BOOST_AUTO_TEST_SUITE_END()
