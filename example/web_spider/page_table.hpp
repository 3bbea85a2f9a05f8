// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_PAGE_TABLE_HPP
#define TORO_EXAMPLE_WEB_SPIDER_PAGE_TABLE_HPP

#include <toro/async_result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/url/url.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "visit.hpp"

namespace spider {

/// One URL of the site, known by one address for the whole crawl.
class page
{
public:
  page(asio::any_io_executor ex, const urls::url& its_url)
    : url(its_url),
      problem(std::move(ex))
  {
  }

  const urls::url url;

  /// Why links to the page are broken; an empty string if they are not.
  /**
   * Set once, by the worker that has claimed the page. A worker that is
   * redirected here while another one fetches waits for it.
   */
  toro::async_result<std::string> problem;

private:
  friend class page_table;

  // All guarded by the table's mutex.
  bool claimed_ = false;
  const page* redirects_to_ = nullptr;
  std::optional<visit> visit_;
  std::vector<const page*> found_on_;
};

/// All that is known of the site, shared by all workers.
/**
 * @par Thread Safety
 * Distinct objects: safe. Shared objects: safe, by one mutex that is held for
 * a few steps and never while anybody waits.
 */
class page_table
{
public:
  page_table(asio::any_io_executor ex, std::size_t max_pages);

  /// Note that there is a link to @p url on page @p on.
  /**
   * @param on Null if no link leads there, but the user or a redirect.
   *
   * @returns The page, null if there are too many; and whether it is new.
   */
  std::pair<page*, bool> add(const urls::url& url, const page* on);

  /// Note that page @p on has a link that is no URL.
  /**
   * Only the beginning of a long link is kept, and no more links than pages.
   *
   * @param problem What is wrong with it.
   */
  void add_malformed(std::string link, const std::string& problem,
                     const page& on);

  /// Try to become the one who fetches @p wanted; only the first succeeds.
  bool claim(page& wanted);

  /// Note that @p from redirects to @p to.
  /**
   * @returns False, and notes nothing, if redirects lead back to @p from: who
   * then waits for @p to would wait for ever.
   */
  bool redirect(page& from, const page& to);

  /// Note what came of the visit to a claimed page.
  void record(page& visited, visit result);

  /// Note the problem of a page that has been recorded.
  void settle(page& visited, const std::string& problem);

  /// The number of pages that are known.
  std::size_t size() const;

  /// The number of pages that have been recorded.
  std::size_t visited() const;

  /// Whether pages were left out because there are too many.
  bool is_full() const;

  /// The recorded pages, sorted by URL.
  std::vector<page_row> rows() const;

  /// The links that are no URLs, sorted.
  std::vector<page_row> malformed() const;

private:
  struct malformed_link
  {
    std::string problem;
    std::vector<const page*> found_on;
  };

  const asio::any_io_executor executor_;
  const std::size_t max_pages_;

  mutable std::mutex mutex_; // guards all below
  std::deque<page> pages_;
  std::unordered_map<std::string, page*> by_url_;
  std::map<std::string, malformed_link> malformed_;
  std::size_t visited_ = 0;
  bool is_full_ = false;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_PAGE_TABLE_HPP
