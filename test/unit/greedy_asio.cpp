// SPDX-License-Identifier: BSL-1.0
#include "unit/greedy.hpp"

namespace toro_test {

template void run_all<toro::thread_safe>(boost::asio::io_context&,
                                         const boost::asio::any_io_executor&);
template void
run_all<toro::thread_safe>(boost::asio::io_context&,
                           const boost::asio::io_context::executor_type&);

} // namespace toro_test
