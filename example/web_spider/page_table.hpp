// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_PAGE_TABLE_HPP
#define TORO_EXAMPLE_WEB_SPIDER_PAGE_TABLE_HPP

#include <toro/async_result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <boost/url/url.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anchor_set.hpp"
#include "referrers.hpp"
#include "visit.hpp"

namespace spider {

namespace asio = boost::asio;
namespace urls = boost::urls;

/// What became of a page and of those that it redirects to.
struct fate
{
  std::string problem{};     // empty: there is none
  std::size_t redirects = 0; // up to the end of them
};

/// One URL, known by one address for the whole crawl.
class page
{
public:
  page(std::string_view its_url, page_number its_number, bool on_other_host)
    : url(its_url),
      number(its_number),
      is_external(on_other_host)
  {
  }

  const std::string_view url; // canonical; the table keeps it
  const page_number number;   // that of its place in the table
  const bool is_external;

private:
  friend class page_table;

  using fragments = std::map<std::string, referrers, std::less<>>;

  // Whether a link to the fragment leads to a place that is not there.
  bool is_missing(std::string_view fragment) const;
  bool is_fine() const; // all that a link to it needs to know is settled

  // All guarded by the table's mutex. As small as can be: see page_table.
  bool claimed_ = false;
  bool is_settled_ : 1 = false;
  bool names_fragment_ : 1 = false; // its redirect does
  unsigned char redirects_ = 0;     // up to their end; 255: or more
  const page* redirects_to_ = nullptr;
  std::optional<visit> visit_;
  referrers found_on_; // none once it is known to have no problem
  std::unique_ptr<anchor_set> anchors_;
  std::unique_ptr<fragments> fragments_; // of links; see forget_right_ones()
  std::unique_ptr<toro::async_result<fate>> fate_; // if waited for
};

/// All that is known of the site, shared by all workers.
/**
 * Most of the memory of a crawl is here, so it keeps no more than the report
 * needs: of a page that is as it should be, not who links to it.
 *
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

  /// Whether there is a link to the page, as far as is known.
  /** Of a page that is settled and has no problem, that is forgotten. */
  bool has_links(const page& to) const;

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
   * @param names_fragment Whether the redirect names a fragment, which takes
   * the place of that of a link (RFC 9110, section 10.2.2).
   *
   * @returns False, and notes nothing, if redirects lead back to @p from: who
   * then waits for @p to would wait for ever.
   */
  bool redirect(page& from, const page& to, bool names_fragment = false);

  /// Note the anchors of a page that has been claimed.
  /**
   * @returns False, and notes nothing, if the pages have too many: more than
   * a hundred times as many as there may be pages.
   */
  bool set_anchors(page& visited, anchor_set anchors);

  /// Add to links().
  void count(const link_counts& links);

  /// Note what came of the visit to a claimed page.
  void record(page& visited, visit result);

  /// Note the fate of a page that has been recorded, and tell who waits.
  void settle(page& visited, const fate& its_fate);

  /// Wait for settle().
  /** That is how a worker learns the fate of a page that another one fetches.
   */
  asio::awaitable<fate> fate_of(page& claimed);

  /// The number of pages that are known.
  std::size_t size() const;

  /// The number of pages that have been recorded.
  std::size_t visited() const;

  /// Whether something was left out because there is too much of it.
  bool is_full() const;

  /// The sum of all links that have been counted.
  link_counts links() const;

  /// The recorded pages, sorted by URL.
  /** They refer to the table, in which nothing may change any more. */
  std::vector<visited_page> rows() const;

  /// Those with a problem to which links lead, sorted by URL.
  std::vector<page_row> broken() const;

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

  // Finds pages by their URLs, which are not kept a second time.
  struct url_hash
  {
    using is_transparent = void;
    std::size_t operator()(std::string_view url) const noexcept;
    std::size_t operator()(const page* of) const noexcept;
  };

  struct same_url
  {
    using is_transparent = void;
    bool operator()(const page* one, const page* other) const noexcept;
    bool operator()(std::string_view url, const page* of) const noexcept;
    bool operator()(const page* of, std::string_view url) const noexcept;
  };

  std::string_view kept(std::string_view text);
  void set_referrers(page_row& row, const referrers& on) const;
  void forget_right_ones(page& settled);

  const asio::any_io_executor executor_;
  const std::size_t max_pages_;

  mutable std::mutex mutex_; // guards all below
  std::pmr::monotonic_buffer_resource url_texts_;
  std::deque<page> pages_;
  boost::unordered_flat_set<page*, url_hash, same_url> by_url_;
  std::map<std::string, malformed_link> malformed_;
  link_counts links_;
  std::size_t fragments_ = 0;
  std::size_t anchors_ = 0;
  std::size_t visited_ = 0;
  bool is_full_ = false;
};

/// The URL of a page, parsed.
urls::url url_of(const page& parsed);

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_PAGE_TABLE_HPP
