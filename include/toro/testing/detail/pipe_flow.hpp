// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_DETAIL_PIPE_FLOW_HPP
#define TORO_TESTING_DETAIL_PIPE_FLOW_HPP

#include <toro/testing/detail/engine.hpp>
#include <toro/testing/detail/waiting_op.hpp>
#include <toro/testing/pipe_options.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace toro::testing::detail {

// Bytes in one direction, the read that waits for them, and the write that
// waits for room. Both are alarms, and set for when they can go on.
class pipe_flow
{
public:
  using time_point = toro::deadline::time_point;

  pipe_flow(const std::shared_ptr<engine>& owner, pipe_options options)
    : options_(options),
      reads_(owner, *this),
      writes_(owner, *this)
  {
    options_.fragment = std::max<std::size_t>(options_.fragment, 1);
    options_.capacity = std::max<std::size_t>(options_.capacity, 1);
  }

  template <class Buffers, class Handler, class Executor>
  void start_read(const Buffers& buffers, Handler& handler, const Executor& io)
  {
    reads_.start("pipe: async_read_some", buffers, handler, io);
    update();
  }

  template <class Buffers, class Handler, class Executor>
  void start_write(const Buffers& buffers, Handler& handler, const Executor& io)
  {
    writes_.start("pipe: async_write_some", buffers, handler, io);
    update();
  }

  // The writing end is closed. Reads get what is left, then the end.
  void end_writing()
  {
    end_with(boost::asio::error::eof);
    is_writable_ = false;
    writes_.cancel_all();
    update();
  }

  // The reading end is closed. Writes fail.
  void end_reading()
  {
    is_readable_ = false;
    reads_.cancel_all();
    update();
  }

  bool is_readable() const noexcept
  {
    return is_readable_;
  }

  std::size_t cancel_read()
  {
    return reads_.cancel_all();
  }

  std::size_t cancel_write()
  {
    return writes_.cancel_all();
  }

private:
  struct packet
  {
    time_point arrival;
    std::vector<char> bytes;
    std::size_t used = 0;
  };

  struct stream_end
  {
    time_point arrival;
    boost::system::error_code error;
  };

  // The operation that waits at one end, and its buffers. There is one at most.
  template <class Buffer>
  class transfer final : public waiting_list<std::size_t>
  {
  public:
    transfer(std::shared_ptr<engine> owner, pipe_flow& flow)
      : waiting_list(std::move(owner)),
        flow_(flow)
    {
    }

    template <class Buffers, class Handler, class Executor>
    void start(const char* name, const Buffers& buffers, Handler& handler,
               const Executor& io)
    {
      using started_type = waiting_op_of<Handler, Executor, std::size_t>;
      std::vector<Buffer> copy(boost::asio::buffer_sequence_begin(buffers),
                               boost::asio::buffer_sequence_end(buffers));
      const bool is_first = empty();
      auto* const op = started_type::start(*this, name, handler, io);
      if (is_first)
      {
        buffers_ = std::move(copy);
      }
      else if (op)
      {
        remove(*op);
        op->complete(boost::asio::error::already_started, 0);
      }
    }

    void on_due(waiting_list::op_type& op) override
    {
      // Order: if there is no memory, the operation is due again.
      op.arm(flow_.now());
      const auto [error, count] = flow_.move_bytes(buffers_);
      remove(op);
      // Order: an executor that throws leaves the other end as it should be.
      flow_.update();
      op.complete(error, count);
    }

    // Sets the alarm of the operation.
    void go_on_at(time_point when) noexcept
    {
      if (!empty())
        front().arm(when);
    }

    bool has_room() const noexcept
    {
      return boost::asio::buffer_size(buffers_) != 0;
    }

  private:
    pipe_flow& flow_;
    std::vector<Buffer> buffers_;
  };

  using result = std::pair<boost::system::error_code, std::size_t>;
  using readable = std::vector<boost::asio::mutable_buffer>;
  using writable = std::vector<boost::asio::const_buffer>;

  static constexpr time_point never = toro::detail::deadline_set::never;

  time_point now() const noexcept
  {
    return reads_.owner().now();
  }

  time_point arrival() const noexcept
  {
    return toro::deadline(options_.latency).resolve(now());
  }

  void end_with(boost::system::error_code error)
  {
    if (!end_)
      end_ = stream_end{arrival(), error};
  }

  void update() noexcept
  {
    reads_.go_on_at(read_time());
    writes_.go_on_at(write_time());
  }

  time_point read_time() const noexcept
  {
    if (!is_readable_ || !reads_.has_room())
      return now();
    if (!packets_.empty())
      return packets_.front().arrival;
    return end_ ? end_->arrival : never;
  }

  time_point write_time() const noexcept
  {
    const bool goes_on = !is_readable_ || !is_writable_ || end_ ||
                         !writes_.has_room() || unread_ < options_.capacity;
    return goes_on ? now() : never;
  }

  // A read goes on.
  result move_bytes(const readable& buffers)
  {
    if (!is_readable_)
      return {boost::asio::error::bad_descriptor, 0};
    std::size_t room =
        std::min(boost::asio::buffer_size(buffers), options_.fragment);
    if (room != 0 && packets_.empty())
      return {end_->error, 0};
    std::vector<char> taken;
    while (room != 0 && !packets_.empty() && packets_.front().arrival <= now())
    {
      packet& first = packets_.front();
      const std::size_t count = std::min(room, first.bytes.size() - first.used);
      const auto begin =
          first.bytes.begin() + static_cast<std::ptrdiff_t>(first.used);
      taken.insert(taken.end(), begin,
                   begin + static_cast<std::ptrdiff_t>(count));
      first.used += count;
      room -= count;
      if (first.used == first.bytes.size())
        packets_.pop_front();
    }
    unread_ -= taken.size();
    boost::asio::buffer_copy(buffers, boost::asio::buffer(taken));
    return {{}, taken.size()};
  }

  // A write goes on.
  result move_bytes(const writable& buffers)
  {
    if (!is_writable_)
      return {boost::asio::error::bad_descriptor, 0};
    if (!is_readable_)
      return {boost::asio::error::broken_pipe, 0};
    const std::size_t size = boost::asio::buffer_size(buffers);
    const std::size_t left = options_.fail_after - written_;
    if (size != 0 && left == 0)
      end_with(options_.error);
    if (end_)
      return {end_->error, 0};
    packet sent{arrival(),
                std::vector<char>(std::min({size, options_.fragment, left,
                                            options_.capacity - unread_}))};
    boost::asio::buffer_copy(boost::asio::buffer(sent.bytes), buffers);
    const std::size_t count = sent.bytes.size();
    if (count != 0)
      packets_.push_back(std::move(sent));
    written_ += count;
    unread_ += count;
    return {{}, count};
  }

  pipe_options options_;
  std::deque<packet> packets_;
  std::size_t unread_ = 0;
  std::size_t written_ = 0;
  std::optional<stream_end> end_;
  bool is_readable_ = true;
  bool is_writable_ = true;
  transfer<boost::asio::mutable_buffer> reads_;
  transfer<boost::asio::const_buffer> writes_;
};

} // namespace toro::testing::detail

#endif // TORO_TESTING_DETAIL_PIPE_FLOW_HPP
