#include <saker/http/exchange/response.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "unit/http/exchange/memory_protocol.hpp"

namespace saker {
namespace {

TEST(response, takes_the_statuses_of_responses) {
  test::memory_protocol exchange("GET", "/");
  auto& response = exchange.context().response();
  for (int status = -1; status <= 1000; ++status) {
    const bool expected = status >= 200 && status <= 599;
    try {
      response.set_status(status);
      EXPECT_TRUE(expected) << status;
      EXPECT_EQ(response.status(), status);
    } catch (const std::invalid_argument& error) {
      EXPECT_FALSE(expected) << status;
      EXPECT_NE(std::string(error.what()).find(std::to_string(status)), std::string::npos);
      EXPECT_NE(response.status(), status);
    }
  }
}

TEST(response, says_what_sends_101) {
  test::memory_protocol exchange("GET", "/");
  try {
    exchange.context().response().set_status(101);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("accept the WebSocket"), std::string::npos);
  }
}

}  // namespace
}  // namespace saker
