// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_ANCHOR_SET_HPP
#define TORO_EXAMPLE_WEB_SPIDER_ANCHOR_SET_HPP

#include <cstddef>
#include <string_view>
#include <vector>

namespace spider {

/// The anchors of a page, in eight bytes each.
/**
 * Only their hashes are kept, so a missing anchor may be taken for another one.
 * The odds are less than one in 10^12 for a page of a million anchors.
 */
class anchor_set
{
public:
  /// Add the value of an @c id or @c name.
  void add(std::string_view name);

  /// Forget the duplicates, after the last call of add().
  void finish();

  std::size_t size() const noexcept
  {
    return hashes_.size();
  }

  /// Whether a fragment names a place of the page.
  /**
   * As it is written, or decoded. "top" and the empty fragment always do.
   * @par Preconditions
   * finish() has been called.
   */
  bool contains(std::string_view fragment) const;

private:
  std::vector<std::size_t> hashes_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_ANCHOR_SET_HPP
