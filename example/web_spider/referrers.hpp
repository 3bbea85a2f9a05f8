// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_REFERRERS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_REFERRERS_HPP

#include <cstddef>
#include <vector>

namespace spider {

class page;

/// The pages with a link to something: the first hundred, and how many more.
/** The bound keeps a site that links all to all from taking N * N pointers. */
class referrers
{
public:
  static constexpr std::size_t limit = 100;

  void add(const page* on)
  {
    if (kept_.size() < limit)
      kept_.push_back(on);
    else
      ++more_;
  }

  const std::vector<const page*>& kept() const noexcept
  {
    return kept_;
  }

  std::size_t more() const noexcept
  {
    return more_;
  }

private:
  std::vector<const page*> kept_;
  std::size_t more_ = 0;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_REFERRERS_HPP
