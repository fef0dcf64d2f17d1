#include <saker/http/exchange/request.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include <saker/http/message/error.hpp>

#include "unit/http/exchange/memory_protocol.hpp"

namespace saker {
namespace {

/// Reads a body of that size and says what becomes of it: its size, or the status of the failure.
std::size_t read_all(std::size_t size, std::optional<std::uint64_t> most) {
  test::memory_protocol exchange("POST / HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(size, 'x'));
  http_limits limits;
  limits.max_request_body_size = most;
  exchange.set_limits(limits);
  std::size_t result = 0;
  test::serve(
      [&result](http_context& context) -> task<void> {
        try {
          auto reading = context.request().read_all();
          const auto body = co_await reading;
          result = body.size();
        } catch (const http_error& error) {
          result = static_cast<std::size_t>(error.status());
        }
      },
      exchange);
  return result;
}

TEST(request, reads_all_that_the_server_allows) {
  EXPECT_EQ(read_all(2'000'000, http_limits().max_request_body_size), 2'000'000U);
  EXPECT_EQ(read_all(1000, 1000), 1000U);
  EXPECT_EQ(read_all(1001, 1000), 413U);
  // A server that takes bodies of any size has handlers that read them piece by piece.
  EXPECT_EQ(read_all(30'000'000, std::nullopt), 30'000'000U);
  EXPECT_EQ(read_all(30'000'001, std::nullopt), 413U);
}

}  // namespace
}  // namespace saker
