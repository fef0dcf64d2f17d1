// Hub protocols that an application brings.

#include <gtest/gtest.h>

#include <saker/signalr.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "signalr/hub_client.hpp"
#include "support/lines_protocol.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

namespace signalr = saker::signalr;

constexpr std::string_view speaks_lines = R"({"protocol":"lines","version":1})";

class talking_hub : public signalr::hub {
 public:
  int add(int left, int right) { return left + right; }
  void tell_all(const std::string& text) { clients().all().send("Note", text, 1); }
  async_generator<int> count(int until) {
    for (int i = 0; i < until; ++i) co_yield i;
  }
  task<int> sum(signalr::stream_reader<int> numbers) {
    int all = 0;
    for (;;) {
      auto reading = numbers.read();
      const auto number = co_await reading;
      if (!number) co_return all;
      all += *number;
    }
  }
  task<std::string> ask() {
    auto asking = clients().caller().invoke<std::string>("Name");
    co_return co_await asking;
  }

  static void define(signalr::hub_methods<talking_hub>& methods) {
    methods.add("Add", &talking_hub::add)
        .add("TellAll", &talking_hub::tell_all)
        .add("Count", &talking_hub::count)
        .add("Sum", &talking_hub::sum)
        .add("Ask", &talking_hub::ask);
  }
};

/// The lines, in one respect different from what they should be.
class wrong_lines : public signalr::hub_protocol {
 public:
  std::string_view name() const noexcept override { return "lines"; }
  signalr::transfer_format format() const noexcept override { return right_.format(); }
  binding::value_format values() const noexcept override { return right_.values(); }
  std::optional<frame> next_frame(std::string_view data,
                                  std::size_t looked_through) const override {
    return right().next_frame(data, looked_through);
  }
  std::optional<signalr::hub_message> parse(std::string_view payload) const override {
    return right_.parse(payload);
  }
  void write(const signalr::hub_message& message, std::string& out) const override {
    right_.write(message, out);
  }

 protected:
  const signalr::hub_protocol& right() const noexcept { return right_; }

 private:
  lines_protocol right_;
};

using configuration = std::function<void(signalr::hub_options&)>;

test_server::configuration serving(const configuration& configure) {
  return [configure](web_application& app) {
    app.add(signalr::map_hub<talking_hub>(
        "/hub", [configure](signalr::hub_endpoint_options& options) { configure(options.hub); }));
  };
}

void add_lines(signalr::hub_options& options) {
  options.add_protocol(std::make_shared<lines_protocol>());
}

hub_client lines_client(const test_server& server, std::string_view handshake = speaks_lines) {
  return hub_client(server.port(), "/hub", handshake, '\n');
}

TEST(signalr_protocols, carry_everything_that_a_hub_has) {
  test_server server(serving(add_lines));
  auto client = lines_client(server, R"({"protocol":"LINES","version":1})");
  ASSERT_EQ(client.handshake_answer(), "{}");
  client.send(R"([1,"1","Add",[],1,2])");
  EXPECT_EQ(client.read(), R"([3,"1",null,3])");
  client.send(R"([1,"2","Add",[],"one",2])");
  EXPECT_NE(client.read().find("Failed to invoke 'Add'"), std::string::npos);
  client.send(R"([4,"3","Count",[],2])");
  EXPECT_EQ(client.read(), R"([2,"3",0])");
  EXPECT_EQ(client.read(), R"([2,"3",1])");
  EXPECT_EQ(client.read(), R"([3,"3",null])");
  client.send(R"([1,"4","Sum",["s"]])");
  client.send("[2,\"s\",20]\n[2,\"s\",22]");
  client.send(R"([3,"s",null])");
  EXPECT_EQ(client.read(), R"([3,"4",null,42])");
  client.send(R"([1,"5","Ask",[]])");
  const auto question = signalr::json::parse(client.read());
  EXPECT_EQ(question[2], "Name");
  client.send(R"([3,)" + question[1].dump() + R"(,null,"ann"])");
  EXPECT_EQ(client.read(), R"([3,"5",null,"ann"])");
  client.send(R"([99,"of another time"])");
  client.send("[6]");
  client.send("[7,null,false]");
  EXPECT_EQ(client.read(), "[7,null,false]");
  client.socket().expect_close(1000);
}

TEST(signalr_protocols, are_spoken_beside_each_other) {
  test_server server(serving(add_lines));
  auto lines = lines_client(server);
  hub_client text(server.port());
  hub_client packed(server.port(), "/hub", R"({"protocol":"messagepack","version":1})");
  text.send(R"({"type":1,"target":"TellAll","arguments":["all"]})");
  EXPECT_EQ(text.read(), R"({"type":1,"target":"Note","arguments":["all",1]})");
  EXPECT_EQ(lines.read(), R"([1,"","Note",[],"all",1])");
  EXPECT_NE(packed.socket().read_message().payload.find("\x92\xa3"
                                                        "all\x01"),
            std::string::npos);
}

TEST(signalr_protocols, must_be_supported) {
  test_server server(serving([](auto& options) {
    add_lines(options);
    options.supported_protocols = {"lines"};
  }));
  auto lines = lines_client(server);
  EXPECT_EQ(lines.handshake_answer(), "{}");
  hub_client text(server.port());
  EXPECT_EQ(text.handshake_answer(), R"({"error":"The protocol 'json' is not supported."})");
  auto newer = lines_client(server, R"({"protocol":"lines","version":3})");
  EXPECT_EQ(newer.handshake_answer(),
            R"({"error":"The server does not support version 3 of the 'lines' protocol."})");
}

TEST(signalr_protocols, say_which_versions_they_speak) {
  struct old_lines : wrong_lines {
    bool is_version_supported(std::int64_t version) const noexcept override { return version == 7; }
  };
  test_server server(
      serving([](auto& options) { options.add_protocol(std::make_shared<old_lines>()); }));
  EXPECT_EQ(lines_client(server, R"({"protocol":"lines","version":7})").handshake_answer(), "{}");
  EXPECT_EQ(lines_client(server).handshake_answer(),
            R"({"error":"The server does not support version 1 of the 'lines' protocol."})");
}

TEST(signalr_protocols, take_the_place_of_one_that_is_built_in) {
  struct own_json : wrong_lines {
    std::string_view name() const noexcept override { return "Json"; }
  };
  test_server server(
      serving([](auto& options) { options.add_protocol(std::make_shared<own_json>()); }));
  auto client = lines_client(server, R"({"protocol":"json","version":1})");
  client.send(R"([1,"1","Add",[],1,2])");
  EXPECT_EQ(client.read(), R"([3,"1",null,3])");
  test_server restricted(serving([](auto& options) {
    options.add_protocol(std::make_shared<own_json>());
    options.supported_protocols = {"json"};
  }));
  EXPECT_EQ(lines_client(restricted, R"({"protocol":"json","version":1})").handshake_answer(),
            "{}");
}

TEST(signalr_protocols, end_their_connection_only_when_they_fail) {
  struct endless : wrong_lines {
    std::optional<frame> next_frame(std::string_view data, std::size_t) const override {
      return frame{data.substr(0, 0), 0};
    }
  };
  struct beyond : wrong_lines {
    std::optional<frame> next_frame(std::string_view data, std::size_t) const override {
      return frame{data, data.size() + 1};
    }
  };
  struct elsewhere : wrong_lines {
    std::optional<frame> next_frame(std::string_view data, std::size_t) const override {
      return frame{"[6]", data.size()};
    }
  };
  struct throwing : wrong_lines {
    std::optional<signalr::hub_message> parse(std::string_view) const override {
      throw std::runtime_error("no parser");
    }
  };
  const std::shared_ptr<const signalr::hub_protocol> all[] = {
      std::make_shared<endless>(), std::make_shared<beyond>(), std::make_shared<elsewhere>(),
      std::make_shared<throwing>()};
  for (const auto& each : all) {
    test_server server(serving([&](auto& options) { options.add_protocol(each); }));
    auto client = lines_client(server);
    client.send(R"([1,"1","Add",[],1,2])");
    EXPECT_EQ(client.read(), R"([7,"Connection closed with an error.",true])");
    hub_client other(server.port());
    EXPECT_EQ(other.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
  }
}

TEST(signalr_protocols, end_only_the_connection_that_they_cannot_write_to) {
  using signalr::message_type;
  struct broken : wrong_lines {
    explicit broken(message_type type) : type_(type) {}
    void write(const signalr::hub_message& message, std::string& out) const override {
      if (message.type == type_) throw std::runtime_error("no writer");
      right().write(message, out);
    }

   private:
    message_type type_;
  };
  for (const auto type : {message_type::invocation, message_type::stream_item,
                          message_type::completion, message_type::ping, message_type::close}) {
    SCOPED_TRACE(static_cast<int>(type));
    test_server server(serving([&](auto& options) {
      options.add_protocol(std::make_shared<broken>(type));
      options.keep_alive_interval = std::chrono::seconds(1);
    }));
    auto lines = lines_client(server);
    hub_client text(server.port());
    switch (type) {
      case message_type::invocation: text.invoke("1", "TellAll", R"("all")"); break;
      case message_type::stream_item: lines.send(R"([4,"1","Count",[],2])"); break;
      case message_type::completion: lines.send(R"([1,"1","Add",[],1,2])"); break;
      case message_type::close: lines.send("nonsense"); break;
      default: break;
    }
    lines.socket().channel().read_to_eof();
    if (type == message_type::invocation) {
      EXPECT_EQ(text.read(), R"({"type":1,"target":"Note","arguments":["all",1]})");
      EXPECT_EQ(text.read(), R"({"type":3,"invocationId":"1","result":null})");
    }
    EXPECT_EQ(text.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
    // While the server stops, who is left is told.
    auto late = lines_client(server);
    server.stop();
    late.socket().channel().read_to_eof();
  }
}

TEST(signalr_protocols, that_are_none_are_refused) {
  const auto mapping = [](const configuration& configure) {
    web_application app;
    serving(configure)(app);
  };
  const auto lines = std::make_shared<lines_protocol>();
  EXPECT_THROW(mapping([](auto& options) { options.add_protocol(nullptr); }),
               std::invalid_argument);
  EXPECT_THROW(mapping([&](auto& options) { options.protocols = {lines, lines}; }),
               std::invalid_argument);
  EXPECT_THROW(mapping([](auto& options) { options.supported_protocols = {"lines"}; }),
               std::invalid_argument);

  web_application app;
  app.add(signalr::map_hub<talking_hub>("/first",
                                        [&](auto& options) { options.hub.add_protocol(lines); }));
  app.add(signalr::map_hub<talking_hub>("/second",
                                        [&](auto& options) { options.hub.add_protocol(lines); }));
  app.add(signalr::map_hub<talking_hub>("/third"));
  EXPECT_THROW(app.add(signalr::map_hub<talking_hub>(
                   "/fourth", [](auto& options) { add_lines(options.hub); })),
               std::invalid_argument);
}

}  // namespace
}  // namespace saker::testing
