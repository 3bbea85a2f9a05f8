#include "module.hpp"

#include <toro.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <typeinfo>

namespace {

// Libraries may compare types by the addresses of their names.
template <class... Types>
void add_types(unique_things& things)
{
  ((things[std::string("type ") + typeid(Types).name()] = typeid(Types).name()),
   ...);
}

} // namespace

namespace MODULE {

void start_acquire(toro::lock& lock, int& called, int& ended)
{
  const auto note_end = [&ended](int*)
  {
    ++ended;
  };
  std::unique_ptr<int, std::function<void(int*)>> end(&ended, note_end);
  lock.async_acquire(
      [&called, end = std::move(end)](boost::system::error_code, toro::guard)
      {
        ++called;
      });
}

void reset(toro::guard& held)
{
  held.reset();
}

toro::delay_queue<int> make_queue(const boost::asio::any_io_executor& executor)
{
  return toro::delay_queue<int>(executor);
}

unique_things list_unique_things(boost::asio::execution_context& context)
{
  using namespace toro;
  unique_things things;
  things["error category"] = &error_category();
  things["id of shutdown_service"] = &detail::shutdown_service::id;
  things["id of reactor_shutdown_service"] =
      &detail::reactor_shutdown_service::id;
  things["id of time_source"] = &detail::time_source::id;
  things["shutdown_service"] =
      &boost::asio::use_service<detail::shutdown_service>(context);
  things["time_source"] =
      &boost::asio::use_service<detail::time_source>(context);
  add_types<toro::async_result<int>, toro::async_result<void>, toro::barrier,
            toro::bounded_semaphore, toro::condition, toro::event, toro::latch,
            toro::lock, toro::rw_lock, toro::semaphore, toro::queue<int>,
            toro::queue<int>::room_type, toro::lifo_queue<int>,
            toro::priority_queue<int>, toro::delay_queue<int>, toro::delay_key,
            toro::weighted_queue<int, std::hash<int>>,
            toro::weighted_queue<int, std::hash<int>>::room_type, toro::guard,
            toro::permit, toro::read_guard, toro::write_guard, toro::wait_group,
            toro::task_group, toro::watch<int>, toro::reader<int>,
            toro::broadcast<int>, toro::subscription<int>, toro::work,
            toro::deadline, toro::error, toro::error_category_type,
            toro::blocking_t, toro::eager_t<>, toro::eager_awaitable<int>,
            toro::thread_safe, toro::strand_bound, toro::detail::submission,
            toro::detail::shutdown_service,
            toro::detail::reactor_shutdown_service, toro::detail::time_source>(
      things);
  return things;
}

} // namespace MODULE
