// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_WAIT_TABLE_HPP
#define TORO_TEST_MODEL_TABLES_WAIT_TABLE_HPP

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstddef>

namespace toro_test {

// Enough for bounded exhaustive tests to do without allocation.
template <class T>
using row = boost::container::small_vector<T, 8>;

inline constexpr std::size_t nothing = static_cast<std::size_t>(-1);

// How a wait ended, in the words of the design.
enum class ending : unsigned char
{
  success,
  aborted,
  timed_out,
  closed,
  impossible,
  underflow
};

inline const char* word_for(ending how)
{
  constexpr const char* words[] = {"success", "aborted",    "timed_out",
                                   "closed",  "impossible", "underflow"};
  return words[static_cast<std::size_t>(how)];
}

// How long a wait is willing to wait: not at all, until a number of ticks have
// passed, or for ever.
using patience = std::size_t;
inline constexpr patience none = 0;
inline constexpr patience endless = nothing;

enum class stage : unsigned char
{
  waiting,
  granted,
  ended
};

// One wait, in the order in which they start.
struct plain_wait
{
  stage at = stage::ended;
  ending how = ending::success;

  // Whether its handler has been called or destroyed.
  bool over = false;

  // The tick at which it gives up, and which of those that do so then is first:
  // the one that has stood in line for longer.
  std::size_t due = nothing;
  std::size_t since = 0;
};

// Implementation notes
//
// What the models of all primitives share: a table of all waits that ever
// started. Who stands in line is a question to the table, since a wait that
// started earlier stands before one that started later, also when it has gone
// back to its place. A model adds its rules:
//
//   void settle()            grant whatever can be granted
//   void give_back(w)        return what was reserved for a granted wait
//   bool can_give_back(w)    whether that is still possible
//   void take(w)             what was reserved is the handler's
template <class Rules, class Wait = plain_wait>
class wait_table
{
public:
  row<Wait> waits;

  // Decided and not yet over, in the order in which they were decided.
  row<std::size_t> under_way;

  std::size_t now = 0;

  // Whether the primitive is there, and whether its context is.
  bool exists = true;
  bool inert = false;

  // The k-th wait that is not over.
  std::size_t pending(std::size_t k) const
  {
    for (std::size_t w = 0; w != waits.size(); ++w)
    {
      if (!waits[w].over && k-- == 0)
        return w;
    }
    return nothing;
  }

  // The last one that is.
  std::size_t last_over() const
  {
    for (std::size_t w = waits.size(); w-- != 0;)
    {
      if (waits[w].over)
        return w;
    }
    return nothing;
  }

  // By its slot. A grant is an offer until its handler runs.
  void cancel(std::size_t w)
  {
    if (waits[w].at == stage::waiting)
      end(w, ending::aborted);
    else if (!retract(w))
      return;
    rules().settle();
  }

  // By its deadline, which takes no grant back.
  void expire(std::size_t w)
  {
    if (waits[w].at != stage::waiting)
      return;
    end(w, ending::timed_out);
    rules().settle();
  }

  // All that are due give up before anything is granted, the earliest first.
  void expire_due()
  {
    std::size_t w = next_due();
    if (w == nothing)
      return;
    for (; w != nothing; w = next_due())
      end(w, ending::timed_out);
    rules().settle();
  }

  // Whether a deadline is still to pass.
  bool has_due() const
  {
    return waiting(
               [](const Wait& w)
               {
                 return w.due != endless;
               }) != 0;
  }

  // Those that wait leave first, then grants are taken back, so that nothing is
  // granted anew.
  std::size_t cancel_all()
  {
    std::size_t count = rules().dismiss_all(ending::aborted);
    for (std::size_t i = 0; i != under_way.size(); ++i)
      count += retract(under_way[i]);
    return count;
  }

  // The primitive ends.
  void destroy()
  {
    rules().cancel_all();
    exists = false;
  }

  // The context ends, and the handlers with it.
  void shut_down()
  {
    rules().cancel_all();
    for (Wait& w : waits)
      w.over = true;
    under_way.clear();
    inert = true;
  }

  // The next handler is called. Returns whose it is.
  std::size_t deliver()
  {
    const std::size_t w = finish_front();
    if (waits[w].at != stage::granted)
      return w;
    waits[w].at = stage::ended;
    rules().take(w);
    rules().settle();
    return w;
  }

  // The next handler is destroyed instead: a late cancellation.
  void abandon()
  {
    const std::size_t w = finish_front();
    if (waits[w].at != stage::granted)
      return;
    if (!retract(w))
    {
      waits[w].at = stage::ended;
      rules().take(w);
    }
    rules().settle();
  }

  // The rules of primitives that have none of these.
  void settle()
  {
  }

  void give_back(std::size_t)
  {
  }

  bool can_give_back(std::size_t) const
  {
    return true;
  }

  void take(std::size_t)
  {
  }

  std::size_t dismiss_all(ending how)
  {
    return dismiss_if(how, any);
  }

  static bool any(const Wait&)
  {
    return true;
  }

  std::size_t waiting() const
  {
    return waiting(any);
  }

protected:
  // A wait has started. Nothing happens where there is no context any more.
  std::size_t add(Wait w)
  {
    w.over = inert;
    waits.push_back(w);
    return waits.size() - 1;
  }

  // Where a new wait stands in line, or ends because it is not willing to.
  void park(std::size_t w, patience how_long)
  {
    if (how_long == none)
    {
      end(w, ending::timed_out);
      return;
    }
    waits[w].due = how_long == endless ? endless : now + how_long;
    stand_in_line(w);
  }

  // At its place, which is that of its number.
  void stand_in_line(std::size_t w)
  {
    waits[w].at = stage::waiting;
    waits[w].since = ++times_stood_;
  }

  void grant(std::size_t w)
  {
    waits[w].at = stage::granted;
    under_way.push_back(w);
  }

  void end(std::size_t w, ending how)
  {
    waits[w].at = stage::ended;
    waits[w].how = how;
    under_way.push_back(w);
  }

  template <class Filter>
  std::size_t first_waiting(Filter selects) const
  {
    for (std::size_t w = 0; w != waits.size(); ++w)
    {
      if (waits[w].at == stage::waiting && selects(waits[w]))
        return w;
    }
    return nothing;
  }

  std::size_t first_waiting() const
  {
    return first_waiting(any);
  }

  template <class Filter>
  std::size_t waiting(Filter selects) const
  {
    std::size_t count = 0;
    for (const Wait& w : waits)
      count += w.at == stage::waiting && selects(w);
    return count;
  }

  // Makes a change. Returns how many waits that granted.
  template <class Change>
  std::size_t count_grants(Change change)
  {
    const std::size_t before = granted();
    change();
    return granted() - before;
  }

  template <class Filter>
  void grant_if(Filter selects)
  {
    for (std::size_t w = 0; w != waits.size(); ++w)
    {
      if (waits[w].at == stage::waiting && selects(waits[w]))
        grant(w);
    }
  }

  template <class Filter>
  std::size_t dismiss_if(ending how, Filter selects)
  {
    std::size_t count = 0;
    for (std::size_t w = 0; w != waits.size(); ++w)
    {
      if (waits[w].at != stage::waiting || !selects(waits[w]))
        continue;
      end(w, how);
      ++count;
    }
    return count;
  }

  // Takes a grant back; what is under way reports it.
  bool retract(std::size_t w)
  {
    if (waits[w].at != stage::granted || !rules().can_give_back(w))
      return false;
    waits[w].at = stage::ended;
    waits[w].how = ending::aborted;
    rules().give_back(w);
    return true;
  }

private:
  Rules& rules()
  {
    return static_cast<Rules&>(*this);
  }

  std::size_t next_due() const
  {
    std::size_t next = nothing;
    for (std::size_t w = 0; w != waits.size(); ++w)
    {
      if (waits[w].at == stage::waiting && waits[w].due <= now &&
          (next == nothing || is_due_before(waits[w], waits[next])))
        next = w;
    }
    return next;
  }

  std::size_t granted() const
  {
    std::size_t count = 0;
    for (const Wait& w : waits)
      count += w.at == stage::granted;
    return count;
  }

  static bool is_due_before(const Wait& a, const Wait& b)
  {
    return a.due != b.due ? a.due < b.due : a.since < b.since;
  }

  std::size_t finish_front()
  {
    const std::size_t w = under_way.front();
    under_way.erase(under_way.begin());
    waits[w].over = true;
    return w;
  }

  std::size_t times_stood_ = 0;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_WAIT_TABLE_HPP
