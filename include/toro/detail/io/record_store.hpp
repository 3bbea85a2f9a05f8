// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_RECORD_STORE_HPP
#define TORO_DETAIL_IO_RECORD_STORE_HPP

#include <toro/detail/wait/waiter.hpp>

#include <boost/intrusive/slist.hpp>

#include <cstddef>

namespace toro::detail {

// Records that are not in use. A few are kept, so that the usual number of
// grants under way needs no allocation.
template <class Record>
class record_store
{
public:
  record_store() = default;
  record_store(const record_store&) = delete;
  record_store& operator=(const record_store&) = delete;

  ~record_store()
  {
    while (!spare_.empty())
      delete &pop();
  }

  bool empty() const noexcept
  {
    return spare_.empty();
  }

  Record& pop() noexcept
  {
    Record& record = spare_.front();
    spare_.pop_front();
    --size_;
    return record;
  }

  // Takes a record back. Returns it where there are enough, to be deleted.
  Record* push(Record& record) noexcept
  {
    if (size_ == max_size)
      return &record;
    record.stage = phase::starting;
    record.how = outcome::success;
    spare_.push_front(record);
    ++size_;
    return nullptr;
  }

private:
  static constexpr std::size_t max_size = 64;

  boost::intrusive::slist<Record, boost::intrusive::base_hook<ready_list_hook>,
                          boost::intrusive::constant_time_size<false>>
      spare_;
  std::size_t size_ = 0;
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_RECORD_STORE_HPP
