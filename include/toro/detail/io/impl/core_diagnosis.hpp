// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_IMPL_CORE_DIAGNOSIS_HPP
#define TORO_DETAIL_IO_IMPL_CORE_DIAGNOSIS_HPP

#include <toro/detail/io/core.hpp>

namespace toro::detail {

// What a dump shows of a block. Off, it costs an operation that waits two tests
// of a pointer or a flag.

template <class State, class Threading>
void core<State, Threading>::name_hold(diagnosis::hold*& hold,
                                       std::string_view how,
                                       std::string_view name)
{
  const deadline::time_point since = hold ? never : now();
  const std::lock_guard lock(mutex_);
  if (hold)
    diagnosis_.rename_hold(*hold, name);
  else
    hold = &diagnosis_.add_hold(name, how, since);
}

template <class State, class Threading>
deadline::time_point core<State, Threading>::now()
{
  std::optional<deadline::time_point> result;
  // Safety: the source of time goes with the context.
  use_context(
      [&]
      {
        result = time_.now();
      });
  return result ? *result : deadline::clock_type::now();
}

template <class State, class Threading>
void core<State, Threading>::watch(const operation_type& op,
                                   std::string_view name) noexcept
{
  BOOST_TRY
  {
    const deadline::time_point since = now();
    const std::lock_guard lock(mutex_);
    diagnosis_.add_wait(&op, name, since);
  }
  BOOST_CATCH(...)
  {
  }
  BOOST_CATCH_END
}

template <class State, class Threading>
void core<State, Threading>::inspect(dump_text& out) const
{
  const std::lock_guard lock(mutex_);
  if (retired_)
    return;
  out.begin(describe_(state_), diagnosis_);
  state_.visit_waits(
      [&](const waiter& w, const char* what, std::size_t count)
      {
        const operation_type& op = to_operation(w);
        out.wait(&op, what, count,
                 op.has_deadline
                     ? static_cast<const timed_operation_type&>(op).expiry
                     : never);
      });
  out.undelivered(state_.undelivered());
}

} // namespace toro::detail

#endif // TORO_DETAIL_IO_IMPL_CORE_DIAGNOSIS_HPP
