// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_LINK_LIST_HPP
#define TORO_EXAMPLE_WEB_SPIDER_LINK_LIST_HPP

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace spider {

/// The links of a document, up to a limit.
class link_list
{
public:
  static constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

  explicit link_list(std::size_t limit = no_limit)
    : limit_(limit)
  {
  }

  void add(std::string link)
  {
    if (links_.size() < limit_)
      links_.push_back(std::move(link));
    else
      has_more_ = true;
  }

  /// Whether links were left out because there are too many.
  bool has_more() const noexcept
  {
    return has_more_;
  }

  std::vector<std::string> take()
  {
    return std::move(links_);
  }

private:
  std::size_t limit_;
  std::vector<std::string> links_;
  bool has_more_ = false;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_LINK_LIST_HPP
