#include <toro.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

#include <iostream>

int main()
{
  boost::asio::io_context io;
  toro::event event(io);
  event.async_wait(
      [](boost::system::error_code ec)
      {
        std::cout << (ec ? ec.message() : "ok") << '\n';
      });
  event.set();
  io.run();
}
