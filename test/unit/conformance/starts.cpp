// SPDX-License-Identifier: BSL-1.0
// What the cases of all files start, compiled once.

#include <boost/asio/deferred.hpp>

#include <cstddef>
#include <tuple>
#include <utility>

#include "unit/conformance/fixture.hpp"

namespace toro_test {

namespace {

// For each operation of the list, a function that starts it.
struct starts
{
  void (*plain)(void*, recording_handler);
  void (*plain_until)(void*, toro::deadline, recording_handler);
  void (*with_slot)(void*, slotted);
  void (*with_slot_until)(void*, toro::deadline, slotted);
  void (*on_strand)(void*, on<io_strand>);
  void (*on_any)(void*, on<boost::asio::any_io_executor>);
  launcher (*later)(void*);
  launcher (*later_until)(void*, toro::deadline);
};

template <class Lazy>
launcher launch(Lazy lazy)
{
  return [lazy = std::move(lazy)](slotted handler)
  {
    lazy(std::move(handler));
  };
}

template <class Operation>
constexpr starts starts_of()
{
  using type = subject_of<Operation>;
  return {[](void* s, recording_handler handler)
          {
            static_cast<type*>(s)->start(std::move(handler));
          },
          [](void* s, toro::deadline limit, recording_handler handler)
          {
            static_cast<type*>(s)->start(limit, std::move(handler));
          },
          [](void* s, slotted handler)
          {
            static_cast<type*>(s)->start(std::move(handler));
          },
          [](void* s, toro::deadline limit, slotted handler)
          {
            static_cast<type*>(s)->start(limit, std::move(handler));
          },
          [](void* s, on<io_strand> handler)
          {
            static_cast<type*>(s)->start(std::move(handler));
          },
          [](void* s, on<boost::asio::any_io_executor> handler)
          {
            static_cast<type*>(s)->start(std::move(handler));
          },
          [](void* s)
          {
            return launch(static_cast<type*>(s)->start(boost::asio::deferred));
          },
          [](void* s, toro::deadline limit)
          {
            return launch(
                static_cast<type*>(s)->start(limit, boost::asio::deferred));
          }};
}

template <class... Operation>
const starts& at(std::size_t place, std::tuple<Operation...>*)
{
  static constexpr starts all[] = {starts_of<Operation>()...};
  return all[place];
}

const starts& at(std::size_t place)
{
  return at(place, static_cast<all_operations*>(nullptr));
}

} // namespace

void subject::start(recording_handler handler)
{
  at(place()).plain(address(), std::move(handler));
}

void subject::start(toro::deadline limit, recording_handler handler)
{
  at(place()).plain_until(address(), limit, std::move(handler));
}

void subject::start(slotted handler)
{
  at(place()).with_slot(address(), std::move(handler));
}

void subject::start(toro::deadline limit, slotted handler)
{
  at(place()).with_slot_until(address(), limit, std::move(handler));
}

void subject::start(on<io_strand> handler)
{
  at(place()).on_strand(address(), std::move(handler));
}

void subject::start(on<boost::asio::any_io_executor> handler)
{
  at(place()).on_any(address(), std::move(handler));
}

launcher subject::defer()
{
  return at(place()).later(address());
}

launcher subject::defer(toro::deadline limit)
{
  return at(place()).later_until(address(), limit);
}

} // namespace toro_test
