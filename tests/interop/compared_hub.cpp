// What ComparedHub.cs is there: the differential test sends both servers the same bytes.

#include "compared_hub.hpp"

#include <saker/signalr.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace compared {

using namespace std::chrono_literals;
using saker::async_generator;
using saker::task;
namespace signalr = saker::signalr;

enum class side { buy, sell };
SAKER_ENUM(side, buy, sell)

struct item {
  std::optional<std::string> name;
  int unit_count = 0;
  compared::side side = compared::side::buy;
  std::optional<std::vector<int>> numbers;
  std::shared_ptr<item> next;
};
SAKER_FIELDS(item, name, unit_count, side, numbers, next)

using date_time = std::chrono::sys_time<saker::binding::ticks>;
using strings = signalr::stream_reader<std::string>;
using numbers = signalr::stream_reader<int>;

class plain_hub : public signalr::hub {
 public:
  template <class T>
  T same(T value) {
    return value;
  }
  void nothing() {}
  std::string two(int number, std::string text) { return std::to_string(number) + text; }

  void fail() { throw std::runtime_error("secret"); }
  void fail_openly() { throw signalr::hub_error("shown to everybody"); }
  task<int> fail_named() {
    throw signalr::named_error("InvalidOperationException", "named");
    co_return 0;
  }

  async_generator<int> counter(int count) {
    for (int i = 0; i < count; ++i) co_yield i;
  }
  task<async_generator<int>> counter_later(int count) { co_return counter(count); }
  async_generator<int> endless(std::stop_token stop) {
    co_yield 1;
    co_await saker::delay(1h, stop);
  }
  async_generator<int> failing_stream() {
    co_yield 1;
    throw std::runtime_error("secret");
  }
  async_generator<int> failing_openly() {
    co_yield 1;
    throw signalr::hub_error("shown to everybody");
  }
  async_generator<int> failing_at_once() { throw std::runtime_error("secret"); }
  async_generator<int> no_stream() { return {}; }

  task<int> sum(numbers all) {
    int total = 0;
    for (;;) {
      const auto number = co_await all.read();
      if (!number) break;
      total += *number;
    }
    co_return total;
  }
  task<std::string> join(strings left, std::string separator, strings right) {
    std::string all;
    for (;;) {
      const auto from_left = co_await left.read();
      const auto from_right = co_await right.read();
      if (!from_left && !from_right) break;
      all += from_left.value_or("-") + separator + from_right.value_or("-") + ";";
    }
    co_return all;
  }
  async_generator<int> doubled(numbers all) {
    for (;;) {
      const auto number = co_await all.read();
      if (!number) break;
      co_yield *number * 2;
    }
  }
  task<std::string> error_of_stream(numbers all) {
    std::string text = "ended";
    try {
      while (co_await all.read()) {
      }
    } catch (const std::exception& error) {
      text = error.what();
    }
    co_return text;
  }

  void send_caller(std::string text) { clients().caller().send("Note", text); }
  task<std::string> ask_caller() {
    std::string answer;
    try {
      auto asking = clients().caller().invoke<int>("Question");
      answer = std::to_string(co_await asking);
    } catch (const signalr::hub_error& error) {
      answer = error.what();
    }
    co_return answer;
  }
  void abort() { context().abort(); }

  template <class Hub>
  static void define_all(signalr::hub_methods<Hub>& methods) {
    define_types(methods);
    methods.add("Nothing", &plain_hub::nothing)
        .add("Two", &plain_hub::two)
        .add("Fail", &plain_hub::fail)
        .add("FailOpenly", &plain_hub::fail_openly)
        .add("FailNamed", &plain_hub::fail_named)
        .add("Counter", &plain_hub::counter)
        .add("CounterLater", &plain_hub::counter_later)
        .add("Endless", &plain_hub::endless)
        .add("FailingStream", &plain_hub::failing_stream)
        .add("FailingOpenly", &plain_hub::failing_openly)
        .add("FailingAtOnce", &plain_hub::failing_at_once)
        .add("NoStream", &plain_hub::no_stream)
        .add("Sum", &plain_hub::sum)
        .add("Join", &plain_hub::join)
        .add("Doubled", &plain_hub::doubled)
        .add("ErrorOfStream", &plain_hub::error_of_stream)
        .add("SendCaller", &plain_hub::send_caller)
        .add("AskCaller", &plain_hub::ask_caller)
        .add("Abort", &plain_hub::abort);
  }
  static void define(signalr::hub_methods<plain_hub>& methods) { define_all(methods); }

 private:
  template <class Hub>
  static void define_types(signalr::hub_methods<Hub>& methods) {
    methods.add("Bool", &plain_hub::same<bool>)
        .add("Byte", &plain_hub::same<std::uint8_t>)
        .add("SByte", &plain_hub::same<std::int8_t>)
        .add("Short", &plain_hub::same<std::int16_t>)
        .add("UShort", &plain_hub::same<std::uint16_t>)
        .add("Int", &plain_hub::same<std::int32_t>)
        .add("UInt", &plain_hub::same<std::uint32_t>)
        .add("Long", &plain_hub::same<std::int64_t>)
        .add("ULong", &plain_hub::same<std::uint64_t>)
        .add("Float", &plain_hub::same<float>)
        .add("Double", &plain_hub::same<double>)
        .add("String", &plain_hub::same<std::string>)
        .add("Bytes", &plain_hub::same<std::vector<std::byte>>)
        .add("NullableInt", &plain_hub::same<std::optional<int>>)
        .add("NullableString", &plain_hub::same<std::optional<std::string>>)
        .add("Side", &plain_hub::same<side>)
        .add("List", &plain_hub::same<std::vector<int>>)
        .add("Lists", &plain_hub::same<std::vector<std::vector<std::string>>>)
        .add("Dictionary", &plain_hub::same<std::map<std::string, int>>)
        .add("IntDictionary", &plain_hub::same<std::map<int, std::string>>)
        .add("DateTime", &plain_hub::same<date_time>)
        .add("DateTimeOffset", &plain_hub::same<saker::binding::date_time_offset>)
        .add("TimeSpan", &plain_hub::same<saker::binding::ticks>)
        .add("Guid", &plain_hub::same<saker::uuid>)
        .add("Item", &plain_hub::same<item>)
        .add("Items", &plain_hub::same<std::vector<item>>)
        .add("Anything", &plain_hub::same<saker::json>);
  }
};

/// Other options need another hub.
class detailed_hub : public plain_hub {
 public:
  static void define(signalr::hub_methods<detailed_hub>& methods) { define_all(methods); }
};

class refusing_hub : public signalr::hub {
 public:
  task<void> on_connected() override {
    throw signalr::hub_error("not today");
    co_return;
  }
  static void define(signalr::hub_methods<refusing_hub>&) {}
};

}  // namespace compared

void map_compared_hubs(saker::web_application& app) {
  using namespace compared;
  using options = signalr::hub_endpoint_options;
  const auto map = [&app](const char* path, auto change) {
    app.add(signalr::map_hub<detailed_hub>(path, [change](options& all) {
      all.hub.enable_detailed_errors = true;
      change(all.connection);
    }));
  };
  app.add(signalr::map_hub<plain_hub>("/compared/plain"));
  app.add(signalr::map_hub<refusing_hub>("/compared/refusing"));
  map("/compared/detailed", [](signalr::connection_options&) {});
  map("/compared/stateful",
      [](signalr::connection_options& connection) { connection.allow_stateful_reconnects = true; });
  map("/compared/polling", [](signalr::connection_options& connection) {
    connection.transports = signalr::transport_type::long_polling;
  });
  map("/compared/sockets", [](signalr::connection_options& connection) {
    connection.transports = signalr::transport_type::websockets;
  });
  map("/compared/newest",
      [](signalr::connection_options& connection) { connection.minimum_protocol_version = 1; });
}
