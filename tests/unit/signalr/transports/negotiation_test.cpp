#include "signalr/transports/negotiation.hpp"

#include <gtest/gtest.h>

#include <set>

namespace saker::signalr {
namespace {

negotiated ask(std::optional<std::string_view> version,
               std::optional<std::string_view> reconnect = {},
               const connection_options& options = {}) {
  return negotiate({version, reconnect}, options);
}

TEST(negotiation, takes_versions_as_the_original_does) {
  EXPECT_EQ(ask({}).version, 0);
  EXPECT_EQ(ask("0").version, 0);
  EXPECT_EQ(ask("1").version, 1);
  EXPECT_EQ(ask("17").version, 1);
  EXPECT_EQ(ask(" 1 ").version, 1);
  EXPECT_EQ(ask("-5").error,
            "The client requested version '-5', but the server does not support this version.");
  for (const auto* each : {"", "x", "1.0", "1x", "99999999999999"}) {
    EXPECT_EQ(ask(each).error, "The client requested a non-integer protocol version.") << each;
  }
}

TEST(negotiation, has_a_minimum_version) {
  connection_options options;
  options.minimum_protocol_version = 1;
  EXPECT_EQ(ask("1", {}, options).error, "");
  for (const std::optional<std::string_view> each : {std::optional<std::string_view>(), {"0"}}) {
    EXPECT_EQ(ask(each, {}, options).error,
              "The client requested version '0', but the server does not support this version.");
  }
}

TEST(negotiation, agrees_to_stateful_reconnect_when_both_sides_want_it) {
  connection_options options;
  EXPECT_FALSE(ask("1", "true", options).stateful_reconnect);
  options.allow_stateful_reconnects = true;
  EXPECT_TRUE(ask("1", "true", options).stateful_reconnect);
  EXPECT_TRUE(ask("1", "TRUE", options).stateful_reconnect);
  EXPECT_FALSE(ask("1", "1", options).stateful_reconnect);
  EXPECT_FALSE(ask("1", {}, options).stateful_reconnect);
}

TEST(negotiation, has_the_body_of_the_original) {
  EXPECT_EQ(to_body({1, true, {}}, "id", "token", all_transports),
            R"({"useStatefulReconnect":true,"negotiateVersion":1,"connectionId":"id",)"
            R"("connectionToken":"token","availableTransports":[)"
            R"({"transport":"WebSockets","transferFormats":["Text","Binary"]},)"
            R"({"transport":"ServerSentEvents","transferFormats":["Text"]},)"
            R"({"transport":"LongPolling","transferFormats":["Text","Binary"]}]})");
  EXPECT_EQ(to_body({0, false, {}}, "id", "id", transport_type::long_polling),
            R"({"negotiateVersion":0,"connectionId":"id","availableTransports":[)"
            R"({"transport":"LongPolling","transferFormats":["Text","Binary"]}]})");
  EXPECT_EQ(to_body({0, false, "wrong"}, "", "", all_transports), R"({"error":"wrong"})");
}

TEST(negotiation, makes_ids_of_22_characters_that_differ) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(make_connection_id());
  EXPECT_EQ(ids.size(), 1000U);
  for (const auto& each : ids) {
    EXPECT_EQ(each.size(), 22U);
    EXPECT_EQ(
        each.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
  }
}

TEST(connection_options, refuse_what_makes_no_sense) {
  const auto refuses = [](auto change) {
    connection_options options;
    change(options);
    EXPECT_THROW(options.validate(), std::invalid_argument);
  };
  EXPECT_NO_THROW(connection_options().validate());
  refuses([](auto& each) { each.transports = transport_type::none; });
  refuses([](auto& each) { each.transport_max_buffer_size = 0; });
  refuses([](auto& each) { each.application_max_buffer_size = 0; });
  refuses([](auto& each) { each.poll_timeout = std::chrono::milliseconds(1); });
  refuses([](auto& each) { each.send_buffer_limit = 1; });
  refuses([](auto& each) { each.process_send_buffer_limit = 1; });
}

}  // namespace
}  // namespace saker::signalr
