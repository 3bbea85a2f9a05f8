// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_PAGE_TABLE_HPP
#define TORO_EXAMPLE_WEB_SPIDER_PAGE_TABLE_HPP

#include <toro/async_result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/url/url.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "anchor_set.hpp"
#include "referrers.hpp"
#include "visit.hpp"

namespace spider {

namespace asio = boost::asio;
namespace urls = boost::urls;

/// One URL, known by one address for the whole crawl.
class page
{
public:
  page(const urls::url& its_url, bool on_other_host)
    : url(its_url.buffer()),
      is_external(on_other_host)
  {
  }

  const std::string url; // canonical
  const bool is_external;

private:
  friend class page_table;

  using fragments = std::map<std::string, referrers, std::less<>>;

  // All guarded by the table's mutex.
  bool claimed_ = false;
  bool is_settled_ = false;
  const page* redirects_to_ = nullptr;
  std::optional<visit> visit_;
  referrers found_on_;
  std::unique_ptr<anchor_set> anchors_;
  std::unique_ptr<fragments> fragments_;                     // that links name
  std::unique_ptr<toro::async_result<std::string>> problem_; // if waited for
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
   * @param is_external Whether a new page is not of the site.
   *
   * @returns The page, null if there are too many; and whether it is new.
   */
  std::pair<page*, bool> add(const urls::url& url, const page* on,
                             bool is_external = false);

  /// The page of a canonical URL, or null.
  page* find(std::string_view url) const;

  /// Note that a link on page @p on names a fragment of page @p to.
  /** No more than ten times as many are kept as pages. */
  void add_fragment(page& to, const std::string& fragment, const page& on);

  /// Whether links name fragments of the page.
  bool has_fragments(const page& of) const;

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

  /// Note the anchors of a page that has been claimed.
  /**
   * @returns False, and notes nothing, if the pages have too many: more than
   * a hundred times as many as there may be pages.
   */
  bool set_anchors(page& visited, anchor_set anchors);

  /// Note what came of the visit to a claimed page.
  void record(page& visited, visit result);

  /// Note the problem of a page that has been recorded, and tell who waits.
  void settle(page& visited, const std::string& problem);

  /// Wait for settle(). Returns the problem.
  /** That is how a worker learns the fate of a page that another one fetches.
   */
  asio::awaitable<std::string> problem_of(page& claimed);

  /// The number of pages that are known.
  std::size_t size() const;

  /// The number of pages that have been recorded.
  std::size_t visited() const;

  /// Whether something was left out because there is too much of it.
  bool is_full() const;

  /// The recorded pages, sorted by URL.
  /** Who links to them is told of those with a problem only. */
  std::vector<page_row> rows() const;

  /// The links that are no URLs, sorted.
  std::vector<page_row> malformed() const;

  /// The links to fragments that their pages do not have, sorted.
  std::vector<page_row> missing_anchors() const;

private:
  struct malformed_link
  {
    std::string problem;
    referrers found_on;
  };

  const asio::any_io_executor executor_;
  const std::size_t max_pages_;

  mutable std::mutex mutex_; // guards all below
  std::deque<page> pages_;
  std::unordered_map<std::string_view, page*> by_url_;
  std::map<std::string, malformed_link> malformed_;
  std::size_t fragments_ = 0;
  std::size_t anchors_ = 0;
  std::size_t visited_ = 0;
  bool is_full_ = false;
};

/// The URL of a page, parsed.
urls::url url_of(const page& parsed);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_PAGE_TABLE_HPP
