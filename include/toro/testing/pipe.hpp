// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_PIPE_HPP
#define TORO_TESTING_PIPE_HPP

#include <toro/testing/detail/pipe_flow.hpp>
#include <toro/testing/detail/simulated_time.hpp>
#include <toro/testing/pipe_options.hpp>
#include <toro/testing/simulation.hpp>

#include <toro/detail/compat.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace boost::beast {

// Beast's own, declared here so that its websockets close a pipe.
enum class role_type;

} // namespace boost::beast

namespace toro::testing {

/// One end of a pipe: a stream that is read and written in memory.
/**
 * Satisfies Asio's requirements of an @c AsyncReadStream and an
 * @c AsyncWriteStream, so that protocols run over it as over a socket:
 * @c asio::async_read, @c async_write, @c async_read_until, and the HTTP and
 * websocket streams of Beast. One read and one write may be under way at a
 * time.
 *
 * @par Thread Safety
 * As the simulation.
 *
 * @par Destruction and Shutdown
 * Destroying an end, or assigning to it, closes it. It may outlive the
 * simulation; an operation that is started then destroys its handler.
 *
 * @sa pipe
 */
class TORO_DETAIL_VISIBLE pipe_end
{
  using default_token =
      toro::detail::default_token<boost::asio::any_io_executor>;

public:
  /// The executor of the stream.
  using executor_type = boost::asio::any_io_executor;

  /// Takes another end.
  /**
   * @param other The other one. It may only be destroyed or assigned to then.
   */
  pipe_end(pipe_end&& other) noexcept = default;

  /// Closes this end, and takes another one.
  /**
   * @param other The other one. It may only be destroyed or assigned to then.
   *
   * @returns This end.
   */
  pipe_end& operator=(pipe_end&& other) noexcept
  {
    close();
    executor_ = other.executor_;
    incoming_ = std::move(other.incoming_);
    outgoing_ = std::move(other.outgoing_);
    return *this;
  }

  /// Closes the end.
  ~pipe_end()
  {
    close();
  }

  /// Start reading some bytes.
  /**
   * @param buffers Where to. The memory must live until the handler is called.
   *
   * @param token The completion token that produces the handler.
   *
   * @returns What the token makes of the operation.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, std::size_t) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::eof The other end was closed.
   * @li @c boost::asio::error::operation_aborted The read was cancelled, or
   * this end was closed.
   * @li @c boost::asio::error::bad_descriptor This end is closed.
   * @li @c boost::asio::error::already_started A read is under way.
   * @li pipe_options::error The connection has failed.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() if it has
   * none. It never runs inside this function.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect.
   *
   * @par Thread Safety
   * As the simulation.
   *
   * @par Complexity
   * Linear in the number of bytes.
   *
   * @par Exception Safety
   * Strong guarantee if the allocator or the handler's move throws.
   *
   * @par Example
   * For example:
   * @code
   * toro::testing::simulation simulation;
   * auto [client, server] = toro::testing::pipe(simulation);
   * client.close();
   * char byte;
   * server.async_read_some(
   *     boost::asio::buffer(&byte, 1),
   *     [](boost::system::error_code ec, std::size_t)
   *     {
   *       assert(ec == boost::asio::error::eof);
   *     });
   * simulation.run();
   * @endcode
   */
  template <class MutableBufferSequence, class CompletionToken = default_token>
  auto async_read_some(const MutableBufferSequence& buffers,
                       CompletionToken&& token = default_token())
  {
    return boost::asio::async_initiate<
        CompletionToken, void(boost::system::error_code, std::size_t)>(
        reading(executor_, incoming_), token, buffers);
  }

  /// Start writing some bytes.
  /**
   * Completes when bytes are on their way, not when they have arrived.
   *
   * @param buffers The bytes. They must live until the handler is called.
   *
   * @param token The completion token that produces the handler.
   *
   * @returns What the token makes of the operation.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, std::size_t) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::broken_pipe The other end was closed.
   * @li @c boost::asio::error::operation_aborted The write was cancelled, or
   * this end was closed.
   * @li @c boost::asio::error::bad_descriptor This end is closed.
   * @li @c boost::asio::error::already_started A write is under way.
   * @li pipe_options::error The connection has failed.
   *
   * @par Executor
   * The handler runs on its associated executor, or on get_executor() if it has
   * none. It never runs inside this function.
   *
   * @par Per-Operation Cancellation
   * Supports @c terminal, @c partial and @c total, all without side effect.
   *
   * @par Thread Safety
   * As the simulation.
   *
   * @par Complexity
   * Linear in the number of bytes.
   *
   * @par Exception Safety
   * Strong guarantee if the allocator or the handler's move throws.
   *
   * @par Example
   * For example:
   * @code
   * toro::testing::simulation simulation;
   * auto [client, server] = toro::testing::pipe(
   *     simulation, {.latency = std::chrono::milliseconds(20), .fragment = 3});
   * client.async_write_some(
   *     boost::asio::buffer("hello", 5),
   *     [](boost::system::error_code, std::size_t count)
   *     {
   *       assert(count == 3);
   *     });
   * simulation.run();
   * @endcode
   */
  template <class ConstBufferSequence, class CompletionToken = default_token>
  auto async_write_some(const ConstBufferSequence& buffers,
                        CompletionToken&& token = default_token())
  {
    return boost::asio::async_initiate<
        CompletionToken, void(boost::system::error_code, std::size_t)>(
        writing(executor_, outgoing_), token, buffers);
  }

  /// Cancel the read and the write that are under way.
  /**
   * @returns How many were cancelled.
   */
  std::size_t cancel()
  {
    return incoming_->cancel_read() + outgoing_->cancel_write();
  }

  /// End writing. The other end gets what is under way, then @c eof.
  void shutdown()
  {
    outgoing_->end_writing();
  }

  /// Close this end, and cancel what is under way.
  void close()
  {
    if (!incoming_)
      return;
    outgoing_->end_writing();
    incoming_->end_reading();
  }

  /// Tell whether this end is open.
  /**
   * @returns False after close().
   */
  bool is_open() const noexcept
  {
    return incoming_ && incoming_->is_readable();
  }

  /// Get the executor.
  /**
   * @returns The executor.
   */
  executor_type get_executor() const noexcept
  {
    return executor_;
  }

  /// Close a pipe as Beast closes a socket.
  friend void beast_close_socket(pipe_end& end)
  {
    end.close();
  }

  /// Close a pipe at the end of a websocket of Beast.
  friend void teardown(boost::beast::role_type, pipe_end& end,
                       boost::system::error_code& ec)
  {
    end.close();
    ec = {};
  }

  /// Close a pipe at the end of a websocket of Beast.
  template <class Handler>
  friend void async_teardown(boost::beast::role_type, pipe_end& end,
                             Handler&& handler)
  {
    end.close();
    boost::asio::post(end.get_executor(),
                      boost::asio::append(std::forward<Handler>(handler),
                                          boost::system::error_code()));
  }

private:
  friend std::pair<pipe_end, pipe_end> pipe(const executor_type& executor,
                                            pipe_options to_second,
                                            pipe_options to_first);

  using flow_pointer = std::shared_ptr<detail::pipe_flow>;

  class starting
  {
  public:
    using executor_type = pipe_end::executor_type;

    starting(const executor_type& executor, const flow_pointer& flow)
      : executor_(executor),
        flow_(flow)
    {
    }

    executor_type get_executor() const noexcept
    {
      return executor_;
    }

  protected:
    executor_type executor_;
    flow_pointer flow_;
  };

  class reading : public starting
  {
  public:
    using starting::starting;

    template <class Handler, class Buffers>
    void operator()(Handler handler, const Buffers& buffers) const
    {
      flow_->start_read(buffers, handler, executor_);
    }
  };

  class writing : public starting
  {
  public:
    using starting::starting;

    template <class Handler, class Buffers>
    void operator()(Handler handler, const Buffers& buffers) const
    {
      flow_->start_write(buffers, handler, executor_);
    }
  };

  pipe_end(const executor_type& executor, flow_pointer incoming,
           flow_pointer outgoing) noexcept
    : executor_(executor),
      incoming_(std::move(incoming)),
      outgoing_(std::move(outgoing))
  {
  }

  executor_type executor_;

  // Null after a move.
  flow_pointer incoming_;
  flow_pointer outgoing_;
};

/// Make two connected streams, whose directions differ.
/**
 * What is written to one end is read from the other.
 *
 * @param executor An executor of a simulation, or a strand over one.
 *
 * @param to_second How bytes get from the first end to the second.
 *
 * @param to_first How bytes get from the second end to the first.
 *
 * @returns The two ends.
 *
 * @throws std::invalid_argument if the executor belongs to no simulation.
 */
inline std::pair<pipe_end, pipe_end>
pipe(const boost::asio::any_io_executor& executor, pipe_options to_second,
     pipe_options to_first)
{
  const auto owner = detail::engine_of(executor);
  auto there = std::make_shared<detail::pipe_flow>(owner, to_second);
  auto back = std::make_shared<detail::pipe_flow>(owner, to_first);
  return {pipe_end(executor, back, there), pipe_end(executor, there, back)};
}

/// Make two connected streams.
/**
 * @param executor An executor of a simulation, or a strand over one.
 *
 * @param options How bytes get from one end to the other, in both directions.
 *
 * @returns The two ends.
 *
 * @throws std::invalid_argument if the executor belongs to no simulation.
 */
inline std::pair<pipe_end, pipe_end>
pipe(const boost::asio::any_io_executor& executor, pipe_options options = {})
{
  return testing::pipe(executor, options, options);
}

/// Make two connected streams.
/**
 * @param context The simulation.
 *
 * @param options How bytes get from one end to the other, in both directions.
 *
 * @returns The two ends.
 */
inline std::pair<pipe_end, pipe_end> pipe(simulation& context,
                                          pipe_options options = {})
{
  return testing::pipe(context.get_executor(), options, options);
}

} // namespace toro::testing

#endif // TORO_TESTING_PIPE_HPP
