// Arguments, results and items by type, in both protocols.

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <saker/signalr.hpp>

#include "signalr/hub_client.hpp"
#include "support/test_server.hpp"

namespace saker::testing {
namespace {

enum class side : std::uint8_t { buy, sell };
SAKER_ENUM(side, buy, sell)

struct trade {
  int id = 0;
  double unit_price = 0;
  std::uint8_t small = 0;
  side what = side::buy;
};
SAKER_FIELDS(trade, id, unit_price, small, what)

struct binding_hub : signalr::hub {
  int add(int a, int b) { return a + b; }
  std::string echo(std::string text) { return text; }
  std::vector<int> numbers(std::vector<int> list) { return list; }
  std::map<int, std::string> names(std::map<int, std::string> map) { return map; }
  trade change(trade value) { return value; }
  std::optional<trade> maybe(std::optional<trade> value) { return value; }
  std::vector<std::byte> bytes(std::vector<std::byte> value) { return value; }
  double infinite() { return std::numeric_limits<double>::infinity(); }
  async_generator<double> infinite_stream() { co_yield std::numeric_limits<double>::infinity(); }
  void send_infinity() { clients().caller().send("Note", std::numeric_limits<double>::infinity()); }
  void send_trade() { clients().caller().send("Note", trade{1, 2.5, 3, side::sell}); }
  task<int> sum(signalr::stream_reader<std::uint8_t> items) {
    int total = 0;
    for (;;) {
      auto reading = items.read();
      const auto item = co_await reading;
      if (!item) break;
      total += *item;
    }
    co_return total;
  }
  /// How many are in a group of that name: before, between, behind.
  task<std::vector<std::size_t>> pass_through(std::string group) {
    std::vector<std::size_t> counts{groups().count(group)};
    auto entering = groups().add_to_group(context().connection_id(), group);
    co_await entering;
    counts.push_back(groups().count(group));
    auto leaving = groups().remove_from_group(context().connection_id(), group);
    co_await leaving;
    counts.push_back(groups().count(group));
    co_return counts;
  }
  task<std::string> ask() {
    std::string answer;
    try {
      auto asking = clients().caller().invoke<std::vector<std::string>>("Question");
      const auto given = co_await asking;
      answer = std::to_string(given.size());
    } catch (const signalr::hub_error& error) {
      answer = error.what();
    }
    co_return answer;
  }

  static void define(signalr::hub_methods<binding_hub>& methods) {
    methods.add("Add", &binding_hub::add)
        .add("Echo", &binding_hub::echo)
        .add("Numbers", &binding_hub::numbers)
        .add("Names", &binding_hub::names)
        .add("Change", &binding_hub::change)
        .add("Maybe", &binding_hub::maybe)
        .add("Bytes", &binding_hub::bytes)
        .add("Infinite", &binding_hub::infinite)
        .add("InfiniteStream", &binding_hub::infinite_stream)
        .add("SendInfinity", &binding_hub::send_infinity)
        .add("SendTrade", &binding_hub::send_trade)
        .add("Sum", &binding_hub::sum)
        .add("PassThrough", &binding_hub::pass_through)
        .add("Ask", &binding_hub::ask);
  }
};

auto serving(std::function<void(signalr::hub_options&)> change = nullptr) {
  return [change](web_application& app) {
    app.add(signalr::map_hub<binding_hub>("/hub", [change](signalr::hub_endpoint_options& options) {
      options.hub.enable_detailed_errors = true;
      if (change) change(options.hub);
    }));
  };
}

/// A client that sends exactly what it is told, in MessagePack.
class packed_client {
 public:
  explicit packed_client(std::uint16_t port)
      : client_(port, "/hub", R"({"protocol":"messagepack","version":1})") {}

  /// [1, {}, id, target, arguments]
  void invoke(std::string_view target, std::string_view arguments) {
    std::string body("\x95\x01\x80\xa1", 4);
    body += '1';
    body += static_cast<char>(0xa0 + target.size());
    body += target;
    body += arguments;
    client_.send_raw(static_cast<char>(body.size()) + body, 2);
  }
  /// The next message but for pings, without its length.
  std::string read_bytes() {
    for (;;) {
      const auto message = client_.socket().read_message().payload;
      const auto body = message.substr(message.front() < 0 ? 2 : 1);
      if (body != "\x91\x06") return body;
    }
  }
  json read() { return binding::read_from<json>(read_bytes(), binding::value_format::messagepack); }
  json call(std::string_view target, std::string_view arguments) {
    invoke(target, arguments);
    return read();
  }

 private:
  hub_client client_;
};

constexpr std::string_view binding_text =
    "due to an error on the server. InvalidDataException: Error binding arguments. Make sure that "
    "the types of the provided values match the types of the hub method being invoked.";

TEST(signalr_binding, a_call_that_cannot_be_bound_fails_alone_in_json) {
  test_server server(serving());
  hub_client client(server.port());
  const auto expect_failure = [&](std::string_view target, std::string_view arguments,
                                  std::string_view text = binding_text) {
    const auto answer = json::parse(client.call(target, arguments));
    EXPECT_EQ(answer.at("error").get<std::string>(),
              "Failed to invoke '" + std::string(target) + "' " + std::string(text))
        << arguments;
  };
  for (const auto* each : {"[1.9]", "[4294967297]", "[true]", "[1e300]", "[\"1\"]", "[null]", "{}",
                           "null", "\"x\"", "[[1]]"}) {
    expect_failure("Numbers", each);
  }
  for (const auto* each : {R"({"id":1.9})", R"({"small":300})", R"({"small":-1})", R"({"id":true})",
                           R"({"unitPrice":"1"})", R"({"what":"Hold"})", "[]", "1", "null"}) {
    expect_failure("Change", each);
  }
  for (const auto* each : {R"({"x":"y"})", R"({"1":2})", R"({"4294967296":"x"})"}) {
    expect_failure("Names", each);
  }
  for (const auto* each : {R"("\ud83d")", R"("\ude00x")", "1", "null", "[]"}) {
    expect_failure("Echo", each);
  }
  for (const auto* each : {R"("====")", R"("A===")", "[1]"}) expect_failure("Bytes", each);
  expect_failure("Nothing", "[{\"\\ud83d\":1e999}]",
                 "due to an error on the server. HubException: Method does not exist.");
  expect_failure("", "1", "due to an error on the server. HubException: Method does not exist.");
  expect_failure("Add", "1,2,3",
                 "due to an error on the server. InvalidDataException: Invocation provides 3 "
                 "argument(s) but target expects 2.");
  expect_failure("Add", "1",
                 "due to an error on the server. InvalidDataException: Invocation provides 1 "
                 "argument(s) but target expects 2.");
  EXPECT_EQ(
      client.call("Change", R"({"WHAT":"SELL","x":["\ud83d"],"unit_price":0.5,"ID":7})"),
      R"({"type":3,"invocationId":"1","result":{"id":7,"unitPrice":0.5,"small":0,"what":1}})");
  EXPECT_EQ(client.call("Names", R"({"-5":"x"})"),
            R"({"type":3,"invocationId":"1","result":{"-5":"x"}})");
  EXPECT_EQ(client.call("Maybe", "null"), R"({"type":3,"invocationId":"1","result":null})");
}

TEST(signalr_binding, a_call_that_cannot_be_bound_fails_alone_in_messagepack) {
  test_server server(serving());
  packed_client client(server.port());
  const auto expect_failure = [&](std::string_view target, std::string_view arguments,
                                  std::string_view text = binding_text) {
    const auto answer = client.call(target, arguments);
    EXPECT_EQ(answer.at(3), 1) << answer;
    EXPECT_EQ(answer.at(4).get<std::string>(),
              "Failed to invoke '" + std::string(target) + "' " + std::string(text));
  };
  using namespace std::string_view_literals;
  // Keys that are no texts; extensions; what is no UTF-8; numbers that do not fit.
  expect_failure("Echo", "\x91\x81\x05\xa1x"sv);
  expect_failure("Echo", "\x91\xa1\xff"sv);
  expect_failure("Echo", "\x91\xa3\xed\xa0\xbd"sv);
  expect_failure("Bytes", "\x91\xd6\xff\x65\x92\x01\x80"sv);
  expect_failure("Bytes", "\x91\xd4\x05\x01"sv);
  expect_failure("Numbers", "\x91\x91\xca\x3f\x80\x00\x00"sv);
  expect_failure("Numbers", "\x91\x91\xce\xff\xff\xff\xff"sv);
  expect_failure("Change", "\x91\x81\xa5Small\xcd\x01\x2c"sv);
  expect_failure("Nothing", "\x91\x81\x05\xa1x"sv,
                 "due to an error on the server. HubException: Method does not exist.");
  expect_failure("", "\x90"sv,
                 "due to an error on the server. HubException: Method does not exist.");
  // No array of them.
  for (const auto each : {"\x80"sv, "\xc0"sv, "\x01"sv, "\xa1x"sv}) {
    expect_failure("Numbers", each,
                   "due to an error on the server. InvalidDataException: Reading array length for "
                   "'arguments' failed.");
  }
  client.invoke("Names", "\x91\x81\x05\xa1x"sv);
  EXPECT_EQ(client.read_bytes(),
            "\x95\x03\x80\xa1"
            "1\x03\x81\x05\xa1x");
}

TEST(signalr_binding, writes_members_as_each_protocol_does_and_as_the_hub_says) {
  {
    test_server server(serving());
    hub_client text(server.port());
    text.invoke("1", "SendTrade", "");
    EXPECT_EQ(
        text.read(),
        R"({"type":1,"target":"Note","arguments":[{"id":1,"unitPrice":2.5,"small":3,"what":1}]})");
    packed_client packed(server.port());
    packed.invoke("SendTrade", "\x90");
    EXPECT_EQ(packed.read().at(4),
              json::parse(R"([{"Id":1,"UnitPrice":2.5,"Small":3,"What":"Sell"}])"));
  }
  test_server server(serving([](signalr::hub_options& options) {
    options.json_values = {binding::naming::verbatim, binding::enum_form::name};
    options.messagepack_values = {binding::naming::camel_case, binding::enum_form::number};
  }));
  hub_client text(server.port());
  text.invoke("1", "SendTrade", "");
  EXPECT_EQ(
      text.read(),
      R"({"type":1,"target":"Note","arguments":[{"id":1,"unit_price":2.5,"small":3,"what":"sell"}]})");
  EXPECT_EQ(json::parse(text.read()).at("result"), nullptr);
  EXPECT_EQ(
      text.call("Change", "{}"),
      R"({"type":3,"invocationId":"1","result":{"id":0,"unit_price":0,"small":0,"what":"buy"}})");
  packed_client packed(server.port());
  EXPECT_EQ(packed.call("Change", "\x91\x80").at(4),
            json::parse(R"({"id":0,"unitPrice":0,"small":0,"what":0})"));
}

TEST(signalr_binding, a_result_that_cannot_be_written_ends_its_call) {
  test_server server(serving());
  hub_client client(server.port());
  EXPECT_EQ(client.call("Infinite", ""),
            R"({"type":3,"invocationId":"1","error":"An unexpected error occurred invoking )"
            R"('Infinite' on the server. Exception: JSON has neither NaN nor infinity."})");
  client.send(R"({"type":4,"invocationId":"2","target":"InfiniteStream","arguments":[]})");
  EXPECT_EQ(client.read(),
            R"({"type":3,"invocationId":"2","error":"An error occurred on the server while )"
            R"(streaming results. Exception: JSON has neither NaN nor infinity."})");
  EXPECT_EQ(client.call("SendInfinity", ""),
            R"({"type":3,"invocationId":"1","error":"An unexpected error occurred invoking )"
            R"('SendInfinity' on the server. Exception: JSON has neither NaN nor infinity."})");
  EXPECT_EQ(client.call("Add", "1,2"), R"({"type":3,"invocationId":"1","result":3})");
}

TEST(signalr_groups, a_group_may_have_an_empty_name) {
  test_server server(serving());
  hub_client client(server.port());
  for (const auto* each : {R"("")", R"("g")"}) {
    EXPECT_EQ(client.call("PassThrough", each),
              R"({"type":3,"invocationId":"1","result":[0,1,0]})");
  }
}

/// Looks, and changes nothing; or changes.
class looking_filter : public signalr::hub_filter {
 public:
  task<signalr::hub_result> invoke_method(signalr::hub_invocation& call,
                                          invocation_next next) override {
    if (call.method_name != "Names") (void)call.arguments().size();
    if (call.method_name == "Echo") call.set_arguments(json::object());
    return next();
  }
};

TEST(signalr_binding, filters_change_nothing_unless_they_say_so) {
  test_server server(serving([](signalr::hub_options& options) {
    options.add_filter(std::make_shared<looking_filter>());
  }));
  packed_client packed(server.port());
  packed.invoke("Names", "\x91\x81\x05\xa1x");
  EXPECT_EQ(packed.read_bytes(),
            "\x95\x03\x80\xa1"
            "1\x03\x81\x05\xa1x");
  // No array is for no filter to see.
  EXPECT_EQ(packed.call("Echo", "\x80").at(4),
            "Failed to invoke 'Echo' due to an error on the server. InvalidDataException: Reading "
            "array length for 'arguments' failed.");
  hub_client client(server.port());
  EXPECT_EQ(client.call("Numbers", "[1,2]"), R"({"type":3,"invocationId":"1","result":[1,2]})");
  const auto error_of = [&](std::string_view target, std::string_view arguments) {
    return json::parse(client.call(target, arguments)).at("error").get<std::string>();
  };
  for (const auto* each : {"[1.0]", "[\"\\ud83d\"]"}) {
    EXPECT_EQ(error_of("Numbers", each), "Failed to invoke 'Numbers' " + std::string(binding_text));
  }
  EXPECT_EQ(error_of("Echo", "\"x\""), "Failed to invoke 'Echo' " + std::string(binding_text));
}

TEST(signalr_binding, items_and_answers_of_clients_are_bound_as_strictly) {
  test_server server(serving());
  hub_client client(server.port());
  const auto stream = [&](std::string_view items) {
    client.send(R"({"type":1,"invocationId":"1","target":"Sum","arguments":[],"streamIds":["s"]})");
    for (const char digit : items) {
      client.send(R"({"type":2,"invocationId":"s","item":)" +
                  (digit == 'x' ? std::string("256") : std::string(1, digit)) + "}");
    }
    client.send(R"({"type":3,"invocationId":"s"})");
    return client.read();
  };
  EXPECT_EQ(stream("123"), R"({"type":3,"invocationId":"1","result":6})");
  EXPECT_EQ(stream("1x2"),
            R"({"type":3,"invocationId":"1","error":"An unexpected error occurred invoking 'Sum' )"
            R"(on the server. HubException: Failed to bind Stream message."})");
  const auto ask = [&](std::string_view answer) {
    client.invoke("1", "Ask", "");
    const auto question = json::parse(client.read());
    client.send(R"({"type":3,"invocationId":)" + question.at("invocationId").dump() +
                std::string(answer) + "}");
    return json::parse(client.read()).at("result").get<std::string>();
  };
  EXPECT_EQ(ask(R"(,"result":["a","b"])"), "2");
  EXPECT_EQ(ask(R"(,"result":["a",1])"),
            "Error trying to deserialize result to std::vector<std::string>. The value is not a "
            "string.");
  EXPECT_EQ(ask(""),
            "Error trying to deserialize result to std::vector<std::string>. The value is not an "
            "array.");
  EXPECT_EQ(ask(R"(,"error":"no")"), "no");
}

}  // namespace
}  // namespace saker::testing
