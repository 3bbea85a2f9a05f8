// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_ROUNDS_HPP
#define TORO_EXAMPLE_WEB_SPIDER_ROUNDS_HPP

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "page_table.hpp"

namespace spider {

/// Tells which pages are visited after which.
/**
 * With a limit of depth, the pages of the site are visited level by level: a
 * page found by a long way first would have too great a depth otherwise.
 * Without, they are one round. The pages on other hosts are the last round,
 * when it is known which of their fragments links name.
 *
 * @par Thread Safety
 * Distinct objects: safe. Shared objects: safe.
 */
class rounds
{
public:
  explicit rounds(std::optional<std::size_t> depth);

  /// Whether the pages that the current round finds may be visited.
  bool may_go_deeper() const;

  /// Keep a page for a later round, if that is its place.
  /** @returns Whether it is kept; if not, it belongs to the current one. */
  bool keep(page& found);

  /// End the current round. Returns the pages of the next one; none: the end.
  std::vector<page*> next();

  /// The number of pages that are kept.
  std::size_t size() const;

private:
  const std::optional<std::size_t> depth_;
  mutable std::mutex mutex_; // guards all below
  std::size_t level_ = 0;
  std::vector<page*> next_level_;
  std::vector<page*> external_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_ROUNDS_HPP
