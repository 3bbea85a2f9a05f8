// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_BOUNDED_BODY_HPP
#define TORO_EXAMPLE_WEB_SPIDER_BOUNDED_BODY_HPP

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional/optional.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace spider {

/// A body of Boost.Beast: text up to a limit.
/**
 * What goes on beyond the limit ends the reading with
 * @c http::error::body_limit; the text up to there stays. Unlike the body of
 * strings, it takes no memory for a length that is only declared.
 */
struct bounded_body
{
  struct value_type
  {
    std::string text{};
    std::size_t limit = 0;
  };

  class reader
  {
  public:
    template <bool IsRequest, class Fields>
    reader(boost::beast::http::header<IsRequest, Fields>&, value_type& body)
      : body_(body)
    {
    }

    void init(const boost::optional<std::uint64_t>&,
              boost::system::error_code& error)
    {
      error = {};
    }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error)
    {
      std::size_t taken = 0;
      error = {};
      for (const auto buffer : boost::beast::buffers_range_ref(buffers))
      {
        const auto size =
            std::min(buffer.size(), body_.limit - body_.text.size());
        body_.text.append(static_cast<const char*>(buffer.data()), size);
        taken += size;
        if (size != buffer.size())
          error = boost::beast::http::error::body_limit;
      }
      return taken;
    }

    void finish(boost::system::error_code& error)
    {
      error = {};
    }

  private:
    value_type& body_;
  };
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_BOUNDED_BODY_HPP
