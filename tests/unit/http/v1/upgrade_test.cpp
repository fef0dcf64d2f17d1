#include <gtest/gtest.h>

#include <saker/websocket/manager.hpp>

#include <stdexcept>
#include <utility>

#include "support/conversation.hpp"

namespace saker {
namespace {

TEST(http1_upgrade, that_fails_leaves_the_connection_as_it_was) {
  bool fails = true;
  application_builder builder;
  builder.use(websockets_middleware({}));
  builder.run([&](http_context& context) -> task<void> {
    context.response().on_starting([&](http_response&) {
      if (std::exchange(fails, false)) throw std::runtime_error("on purpose");
    });
    co_await context.websockets().accept();
  });
  http::connection_options options;
  options.application = builder.build();
  testing::conversation spoken(std::move(options));
  auto request = testing::websocket_request("/");
  request.replace(request.find("Connection: Upgrade"), 19, "Connection: close, Upgrade");
  spoken.send(request);
  spoken.read_all();
  EXPECT_TRUE(spoken.answers().starts_with("HTTP/1.1 500 ")) << spoken.answers();
  EXPECT_NE(spoken.answers().find("Connection: close"), std::string::npos) << spoken.answers();
}

}  // namespace
}  // namespace saker
