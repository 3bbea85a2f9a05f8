// SPDX-License-Identifier: BSL-1.0
#include "unit/greedy.hpp"

namespace toro_test {

template void
run_all<toro::strand_bound>(boost::asio::io_context&,
                            const boost::asio::strand<user_executor>&);

} // namespace toro_test
