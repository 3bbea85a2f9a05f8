// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_REFERRERS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_REFERRERS_HPP

#include <boost/container/options.hpp>
#include <boost/container/vector.hpp>

#include <cstddef>
#include <cstdint>

namespace spider {

/// The number of a page in the table of pages.
using page_number = std::uint32_t;

/// The pages with a link to something: the first hundred, and how many more.
/** The bound keeps a site that links all to all from taking N * N numbers. */
class referrers
{
public:
  // In half the room of a std::vector.
  using numbers = boost::container::vector<
      page_number, void,
      boost::container::vector_options_t<
          boost::container::stored_size<std::uint32_t>>>;

  static constexpr std::size_t limit = 100;

  void add(page_number on)
  {
    if (kept_.size() < limit)
      kept_.push_back(on);
    else
      ++more_;
  }

  const numbers& kept() const noexcept
  {
    return kept_;
  }

  std::size_t more() const noexcept
  {
    return more_;
  }

private:
  numbers kept_;
  std::size_t more_ = 0;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_REFERRERS_HPP
