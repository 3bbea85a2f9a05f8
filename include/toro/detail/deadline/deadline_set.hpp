// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_DEADLINE_DEADLINE_SET_HPP
#define TORO_DETAIL_DEADLINE_DEADLINE_SET_HPP

#include <toro/deadline.hpp>

#include <boost/intrusive/set.hpp>
#include <boost/intrusive/set_hook.hpp>

namespace toro::detail {

// A wait's place among the deadlines of its primitive.
class deadline_entry
  : public boost::intrusive::set_base_hook<
        boost::intrusive::link_mode<boost::intrusive::normal_link>,
        boost::intrusive::optimize_size<true>>
{
public:
  // Invariant: not changed while the entry is in a set.
  deadline::time_point expiry = deadline::time_point::max();

protected:
  ~deadline_entry() = default;
};

// The deadlines of the waits of one primitive, in order. Adding one that is
// the latest of all takes constant time, and so does removing any.
class deadline_set
{
public:
  static constexpr deadline::time_point never = deadline::time_point::max();

  bool empty() const noexcept
  {
    return entries_.empty();
  }

  // The first deadline to pass, or never.
  deadline::time_point earliest() const noexcept
  {
    return entries_.empty() ? never : entries_.begin()->expiry;
  }

  void insert(deadline_entry& entry) noexcept
  {
    entries_.insert(entries_.end(), entry);
  }

  void erase(deadline_entry& entry) noexcept
  {
    entries_.erase(entries_.iterator_to(entry));
  }

  template <class Predicate>
  void erase_if(Predicate predicate) noexcept
  {
    for (auto i = entries_.begin(); i != entries_.end();)
    {
      if (predicate(*i))
        i = entries_.erase(i);
      else
        ++i;
    }
  }

  // Removes and returns an entry that is due, or null.
  deadline_entry* pop_due(deadline::time_point now) noexcept
  {
    if (entries_.empty() || entries_.begin()->expiry > now)
      return nullptr;
    deadline_entry& entry = *entries_.begin();
    entries_.erase(entries_.begin());
    return &entry;
  }

private:
  struct by_expiry
  {
    using type = deadline::time_point;

    const type& operator()(const deadline_entry& entry) const noexcept
    {
      return entry.expiry;
    }
  };

  boost::intrusive::multiset<deadline_entry,
                             boost::intrusive::key_of_value<by_expiry>,
                             boost::intrusive::constant_time_size<false>>
      entries_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_DEADLINE_DEADLINE_SET_HPP
