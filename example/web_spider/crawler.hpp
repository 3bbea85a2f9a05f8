// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_CRAWLER_HPP
#define TORO_EXAMPLE_WEB_SPIDER_CRAWLER_HPP

#include <toro/deadline.hpp>
#include <toro/event.hpp>
#include <toro/joinable_queue.hpp>
#include <toro/task_group.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/url/url.hpp>

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "document.hpp"
#include "fetcher.hpp"
#include "http_client.hpp"
#include "options.hpp"
#include "page_table.hpp"
#include "rounds.hpp"
#include "site.hpp"

namespace spider {

/// How a crawl ended.
enum class crawl_end
{
  complete,    ///< All pages have been visited.
  interrupted, ///< stop() was called.
  out_of_time, ///< The deadline of the crawl has passed.
};

/// Visits all pages of a site with a number of workers.
/**
 * Each worker is a coroutine on a strand of its own, so that they run on all
 * threads of the context; what they share is safe to share.
 *
 * @par Destruction
 * To be destroyed after run() has ended and while the context is not running.
 */
class crawler
{
public:
  crawler(asio::any_io_executor ex, const urls::url& start,
          const crawl_options& options);

  /// Crawl until all is done, time is over, or stop() is called.
  asio::awaitable<crawl_end> run();

  /// Begin no further page, and finish those in flight. From any thread.
  void stop();

  /// The number of pages that wait to be visited.
  std::size_t waiting() const;

  /// The number of requests under way.
  std::size_t in_flight() const;

  /// The URL of the oldest of them, or an empty string.
  std::string oldest_in_flight() const;

  /// The number of pages that wait to be asked for again.
  std::size_t retrying() const;

  /// After run(): whether something goes on that cannot be ended.
  /** A look-up of the system, or a page with very many links. */
  bool is_stuck() const;

  const page_table& pages() const;

private:
  asio::awaitable<void> work();
  asio::awaitable<boost::system::error_code>
  until_all_visited(toro::deadline deadline);
  asio::awaitable<crawl_end> until_over(toro::deadline deadline);

  asio::awaitable<void> visit_chain(page& first, http_client& client);
  asio::awaitable<http_reply> fetch(const page& wanted, bool wants_anchors,
                                    http_client& client);
  visit read_reply(page& visited, http_reply reply);
  page* redirect_target(page& from, visit& result, bool may_follow);
  bool has_links_behind_first(const std::deque<page*>& chain) const;
  bool follow_links(const page& from, const document& found);
  bool is_to_be_checked(const resolved_link& link, link_counts& counts) const;
  bool can_check(const urls::url& url) const;
  void visit_later(const urls::url& url, const page* found_on);

  const asio::any_io_executor executor_;
  const crawl_options options_;
  const urls::url start_;
  const site site_;

  page_table pages_;
  rounds rounds_;                        // the URLs to be visited later
  toro::joinable_queue<page*> frontier_; // those to be visited in this round
  toro::event stop_;                     // begin nothing more
  toro::event cut_;                      // end the pauses between requests
  fetcher fetcher_;
  toro::task_group workers_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_CRAWLER_HPP
