// The server of the interoperation tests: a hub with a method of each kind, for the stock clients
// to call.

#include <saker/http/features/jwt_bearer.hpp>
#include <saker/redis/redis_backplane.hpp>
#include <saker/signalr.hpp>

#include "compared_hub.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "support/lines_protocol.hpp"

namespace {

using namespace std::chrono_literals;
using saker::async_generator;
using saker::task;
namespace signalr = saker::signalr;

struct item {
  std::string name;
  int count = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(item, name, count)

struct order {
  std::int64_t id = 0;
  double price = 0;
  bool urgent = false;
  std::vector<item> items;
  std::map<std::string, int> tags;
  std::vector<std::byte> blob;
  std::chrono::sys_time<std::chrono::milliseconds> created;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(order, id, price, urgent, items, tags, blob, created)

/// As .NET's own classes have it: no name is said twice, each protocol writes it in its own way.
enum class urgency : std::uint8_t { low, high, very_high };
SAKER_ENUM(urgency, low, high, very_high)

struct parcel {
  std::string label;
  std::optional<double> net_weight;
  urgency how_urgent = urgency::low;
  std::vector<parcel> contents;
};
SAKER_FIELDS(parcel, label, net_weight, how_urgent, contents)

struct shipment {
  saker::uuid tracking_id;
  std::string sent_by;
  std::optional<std::string> note;
  std::optional<int> floor_number;
  std::optional<urgency> at_least;
  urgency how_urgent = urgency::low;
  double total_weight = 0;
  std::chrono::sys_time<saker::binding::ticks> sent_at;
  std::optional<std::chrono::sys_time<saker::binding::ticks>> arrived_at;
  std::vector<parcel> parcels;
  std::map<std::string, parcel> by_label;
};
SAKER_FIELDS(shipment, tracking_id, sent_by, note, floor_number, at_least, how_urgent, total_weight,
             sent_at, arrived_at, parcels, by_label)

struct test_client {
  static constexpr signalr::client_method<void(std::string)> note{"Note"};
  static constexpr signalr::client_method<int(int, int)> add{"ClientAdd"};
};

/// What connections have done, to be asked for by others.
struct journal {
  std::mutex mutex;
  std::vector<std::string> lines;

  void write(std::string line) {
    const std::scoped_lock lock(mutex);
    lines.push_back(std::move(line));
  }
};

std::string text_of(const std::exception_ptr& error) {
  if (!error) return "none";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& each) {
    return each.what();
  }
}

class test_hub : public signalr::hub {
 public:
  explicit test_hub(journal& shared) : journal_(shared) {}

  task<void> on_connected() override {
    context().items()["calls"] = 0;
    journal_.write("connected " + context().connection_id());
    return {};
  }
  task<void> on_disconnected(std::exception_ptr error) override {
    journal_.write("disconnected " + context().connection_id() + " " + text_of(error));
    return {};
  }

  // Results.
  signalr::json echo(signalr::json value) { return value; }
  int add(int left, int right) const { return left + right; }
  task<std::string> slow(int milliseconds) {
    co_await saker::delay(std::chrono::milliseconds(milliseconds));
    co_return "slept " + std::to_string(milliseconds);
  }
  void nothing() {}
  order change(order value) {
    value.id += 1;
    for (auto& each : value.items) each.count *= 2;
    std::reverse(value.blob.begin(), value.blob.end());
    value.created += 24h;
    return value;
  }
  shipment forward(shipment value) {
    value.tracking_id.bytes.front() ^= std::byte{0xff};
    value.sent_by += "!";
    if (value.note) *value.note += "!";
    if (value.floor_number) *value.floor_number += 1;
    if (value.at_least) value.at_least = urgency::very_high;
    if (value.how_urgent == urgency::high) value.how_urgent = urgency::very_high;
    value.total_weight *= 2;
    value.sent_at += 24h;
    if (value.arrived_at) *value.arrived_at += 24h;
    for (auto& each : value.parcels) hasten(each);
    for (auto& [label, each] : value.by_label) hasten(each);
    return value;
  }
  std::optional<int> maybe(std::optional<int> value) { return value; }
  std::uint64_t big() { return 9'007'199'254'740'993; }
  int count_calls() {
    auto& calls = std::any_cast<int&>(context().items()["calls"]);
    return ++calls;
  }
  signalr::json who() {
    return {{"connectionId", context().connection_id()},
            {"user", context().user_identifier()},
            {"protocol", context().protocol()},
            {"transport", static_cast<int>(context().transport())},
            {"http", context().request().protocol()},
            {"method", context().request().method()},
            {"scheme", context().request().scheme()},
            {"host", context().request().host()},
            {"remote", context().request().remote_endpoint()},
            {"server", ::getpid()},
            {"cookie", context().request().cookie("flavour").value_or("")},
            {"header", context().request().headers().get("X-Test")},
            {"connections", clients().count()}};
  }
  std::vector<std::string> read_journal() {
    const std::scoped_lock lock(journal_.mutex);
    return journal_.lines;
  }

  // Errors.
  void fail() { throw std::runtime_error("secret"); }
  void fail_openly() { throw signalr::hub_error("shown to everybody"); }
  task<int> fail_named() {
    throw signalr::named_error("InvalidOperationException", "named");
    co_return 0;
  }

  // Streams of the server.
  async_generator<int> counter(int count, int milliseconds, std::stop_token stop) {
    const auto id = context().connection_id();
    auto& writes = journal_;
    for (int i = 0; i < count; ++i) {
      if (milliseconds != 0) co_await saker::delay(std::chrono::milliseconds(milliseconds));
      if (stop.stop_requested()) {
        writes.write("stream stopped " + id);
        break;
      }
      co_yield i;
    }
  }
  task<async_generator<std::string>> later(std::string word) {
    co_await saker::delay(1ms);
    co_return repeat(word);
  }
  async_generator<int> failing_stream() {
    co_yield 1;
    throw std::runtime_error("secret");
  }
  async_generator<int> failing_openly() {
    co_yield 1;
    throw signalr::hub_error("shown to everybody");
  }
  async_generator<int> no_stream() { return {}; }

  // Streams of the client.
  task<int> sum(signalr::stream_reader<int> numbers) {
    int total = 0;
    for (;;) {
      const auto number = co_await numbers.read();
      if (!number) break;
      total += *number;
    }
    co_return total;
  }
  task<std::string> join(signalr::stream_reader<std::string> left, std::string separator,
                         signalr::stream_reader<std::string> right) {
    std::string all;
    for (;;) {
      const auto from_left = co_await left.read();
      const auto from_right = co_await right.read();
      if (!from_left && !from_right) break;
      all += from_left.value_or("-") + separator + from_right.value_or("-") + ";";
    }
    co_return all;
  }
  async_generator<int> doubled(signalr::stream_reader<int> numbers) {
    for (;;) {
      const auto number = co_await numbers.read();
      if (!number) break;
      co_yield *number * 2;
    }
  }
  task<std::string> error_of_stream(signalr::stream_reader<int> numbers) {
    std::string text = "ended";
    try {
      for (;;) {
        const auto number = co_await numbers.read();
        if (!number) break;
      }
    } catch (const signalr::hub_error& error) {
      text = error.what();
    }
    co_return text;
  }

  // Other clients.
  void send_all(std::string text) { clients().all().send(test_client::note, text); }
  void send_others(std::string text) { clients().others().send("Note", text); }
  void send_caller(std::string text) { clients().caller().send("Note", text); }
  void send_except(std::vector<std::string> ids, std::string text) {
    clients().all_except(std::move(ids)).send("Note", text);
  }
  void send_client(std::string id, std::string text) {
    clients().client(std::move(id)).send("Note", text);
  }
  void send_clients(std::vector<std::string> ids, std::string text) {
    clients().clients(std::move(ids)).send("Note", text);
  }
  void send_group(std::string group, std::string text) {
    clients().group(std::move(group)).send("Note", text);
  }
  void send_groups(std::vector<std::string> groups, std::string text) {
    clients().groups(std::move(groups)).send("Note", text);
  }
  void send_others_in_group(std::string group, std::string text) {
    clients().others_in_group(std::move(group)).send("Note", text);
  }
  void send_user(std::string user, std::string text) {
    clients().user(std::move(user)).send("Note", text);
  }
  task<void> enter_group(std::string group) {
    auto entering = groups().add_to_group(context().connection_id(), group);
    co_await entering;
  }
  task<void> leave_group(std::string group) {
    auto leaving = groups().remove_from_group(context().connection_id(), group);
    co_await leaving;
  }
  task<void> enter_other(std::string id, std::string group) {
    auto entering = groups().add_to_group(id, group);
    co_await entering;
  }
  task<void> remove_other(std::string id, std::string group) {
    auto leaving = groups().remove_from_group(id, group);
    co_await leaving;
  }
  signalr::json group_facts(std::string group) {
    return {{"count", groups().count(group)}, {"members", groups().members(group)}};
  }
  task<int> ask_caller(int left, int right) {
    co_return co_await clients().caller().invoke(test_client::add, left, right);
  }
  task<std::string> ask(std::string id, std::string method) {
    std::string answer;
    try {
      auto asking = clients().client(id).invoke<std::string>(method);
      answer = co_await asking;
    } catch (const std::exception& error) {
      answer = std::string("failed: ") + error.what();
    }
    co_return answer;
  }
  void abort() { context().abort(); }
  task<void> until_cancelled(std::stop_token stop) {
    const auto id = context().connection_id();
    auto& writes = journal_;
    try {
      co_await saker::delay(1h, stop);
    } catch (const std::system_error&) {
      writes.write("call cancelled " + id);
    }
  }
  std::string level() { return std::string(context().user().find_first("level").value_or("none")); }
  task<void> on_authentication_refreshed() override {
    clients().caller().send(test_client::note, "refreshed " + level());
    return {};
  }
  task<void> burst(int count, int size) {
    for (int i = 0; i < count; ++i) {
      auto sending =
          clients().caller().send("Burst", i, std::string(static_cast<std::size_t>(size), 'x'));
      co_await sending;
    }
  }
  void flood(int count, int size) {
    for (int i = 0; i < count; ++i) {
      clients().caller().send("Burst", i, std::string(static_cast<std::size_t>(size), 'x'));
    }
  }

  // What must neither be lost nor doubled.
  void record(int value) {
    auto& recorded = context().items()["recorded"];
    if (!recorded.has_value()) recorded = std::vector<int>();
    std::any_cast<std::vector<int>&>(recorded).push_back(value);
    clients().caller().send("Recorded", value);
  }
  std::vector<int> read_records() {
    return std::any_cast<std::vector<int>>(context().items()["recorded"]);
  }

  static void define(signalr::hub_methods<test_hub>& methods) {
    methods.add("Echo", &test_hub::echo)
        .add("Add", &test_hub::add)
        .add("Slow", &test_hub::slow)
        .add("Nothing", &test_hub::nothing)
        .add("Change", &test_hub::change)
        .add("Forward", &test_hub::forward)
        .add("Maybe", &test_hub::maybe)
        .add("Big", &test_hub::big)
        .add("CountCalls", &test_hub::count_calls)
        .add("Who", &test_hub::who)
        .add("ReadJournal", &test_hub::read_journal)
        .add("Fail", &test_hub::fail)
        .add("FailOpenly", &test_hub::fail_openly)
        .add("FailNamed", &test_hub::fail_named)
        .add("Counter", &test_hub::counter)
        .add("Later", &test_hub::later)
        .add("FailingStream", &test_hub::failing_stream)
        .add("FailingOpenly", &test_hub::failing_openly)
        .add("NoStream", &test_hub::no_stream)
        .add("Sum", &test_hub::sum)
        .add("Join", &test_hub::join)
        .add("Doubled", &test_hub::doubled)
        .add("ErrorOfStream", &test_hub::error_of_stream)
        .add("SendAll", &test_hub::send_all)
        .add("SendOthers", &test_hub::send_others)
        .add("SendCaller", &test_hub::send_caller)
        .add("SendExcept", &test_hub::send_except)
        .add("SendClient", &test_hub::send_client)
        .add("SendClients", &test_hub::send_clients)
        .add("SendGroup", &test_hub::send_group)
        .add("SendGroups", &test_hub::send_groups)
        .add("SendOthersInGroup", &test_hub::send_others_in_group)
        .add("SendUser", &test_hub::send_user)
        .add("EnterGroup", &test_hub::enter_group)
        .add("LeaveGroup", &test_hub::leave_group)
        .add("EnterOther", &test_hub::enter_other)
        .add("RemoveOther", &test_hub::remove_other)
        .add("GroupFacts", &test_hub::group_facts)
        .add("AskCaller", &test_hub::ask_caller)
        .add("Ask", &test_hub::ask)
        .add("Abort", &test_hub::abort)
        .add("UntilCancelled", &test_hub::until_cancelled)
        .add("Burst", &test_hub::burst)
        .add("Flood", &test_hub::flood)
        .add("Record", &test_hub::record)
        .add("ReadRecords", &test_hub::read_records)
        .add("ForAdministrators", &test_hub::nothing,
             {.authorization = {saker::require_role({"administrator"})}});
  }

 private:
  static void hasten(parcel& each) {
    each.label += "!";
    if (each.net_weight) *each.net_weight *= 2;
    if (each.how_urgent == urgency::high) each.how_urgent = urgency::very_high;
    for (auto& inner : each.contents) hasten(inner);
  }
  static async_generator<std::string> repeat(std::string word) {
    for (int i = 0; i < 3; ++i) co_yield word;
  }

  journal& journal_;
};

/// Other options need another hub.
class detailed_hub : public test_hub {
 public:
  using test_hub::test_hub;
  static void define(signalr::hub_methods<detailed_hub>& methods) {
    methods.add("Fail", &test_hub::fail)
        .add("FailNamed", &test_hub::fail_named)
        .add("FailingStream", &test_hub::failing_stream)
        .add("Add", &test_hub::add);
  }
};

class secured_hub : public test_hub {
 public:
  using test_hub::test_hub;
  static void define(signalr::hub_methods<secured_hub>& methods) {
    methods.add("Who", &test_hub::who)
        .add("Level", &test_hub::level)
        .add("SendUser", &test_hub::send_user)
        .add("ForAdministrators", &test_hub::nothing,
             {.authorization = {saker::require_role({"administrator"})}});
  }
};

class administrators_hub : public test_hub {
 public:
  using test_hub::test_hub;
  static void define(signalr::hub_methods<administrators_hub>& methods) {
    methods.add("Who", &test_hub::who);
  }
};

class refusing_hub : public signalr::hub {
 public:
  task<void> on_connected() override {
    throw signalr::hub_error("not today");
    co_return;
  }
  static void define(signalr::hub_methods<refusing_hub>&) {}
};

/// As a server does that has moved: method and body go with the client.
task<void> move(saker::http_context& context, const char* where) {
  context.response().set_status(307);
  context.response().headers().set(
      "Location", std::string(where) + "?" + std::string(context.request().query_string()));
  return {};
}

/// Sends back what it gets.
task<void> echo_connection(signalr::connection_context& connection) {
  std::array<std::byte, 256> buffer;
  for (;;) {
    auto reading = connection.read(buffer);
    const auto count = co_await reading;
    if (count == 0) break;
    auto writing = connection.write(std::span(buffer).first(count));
    co_await writing;
  }
}

/// Answers with the address of the real hub, as a load balancer in front of several does.
task<void> redirect(saker::http_context& context, const char* where, bool with_token) {
  const auto& request = context.request();
  signalr::json answer{
      {"url", std::string(request.scheme()) + "://" + std::string(request.host()) + where}};
  if (with_token) answer["accessToken"] = request.query("token").value_or("");
  return context.response().send(answer.dump(), "application/json");
}

signalr::json to_json(const signalr::redis_backplane_metrics& metrics) {
  return {{"connected", metrics.connected},       {"connectionsLost", metrics.connections_lost},
          {"published", metrics.published},       {"publishesFailed", metrics.publishes_failed},
          {"received", metrics.received},         {"echoesSkipped", metrics.echoes_skipped},
          {"malformed", metrics.malformed},       {"protocolsMissing", metrics.protocols_missing},
          {"pendingBytes", metrics.pending_bytes}};
}

/// Where the server stands: what the command line can say of it.
struct surroundings {
  std::string redis;
  bool deliver_locally_first = false;
  bool forwarded_headers = false;
  bool proxy_protocol = false;

  std::vector<saker::command_line_option> options() {
    return {{"--redis", "The backplane", &redis},
            {"--deliver-locally-first", "Does not wait for it", &deliver_locally_first},
            {"--forwarded-headers", "Behind a proxy of HTTP", &forwarded_headers},
            {"--proxy-protocol", "Behind a proxy of TCP", &proxy_protocol}};
  }
  void apply(saker::web_application& app) const {
    if (proxy_protocol) app.use_proxy_protocol();
    if (forwarded_headers) app.use_forwarded_headers();
    if (redis.empty()) return;
    signalr::redis_backplane_options options;
    options.url = redis;
    options.deliver_locally_first = deliver_locally_first;
    options.keep_alive_interval = 1s;
    app.add(signalr::redis_backplane(options));
    app.map_get("/backplane", [&app](saker::http_context& context) {
      return context.response().send(to_json(signalr::redis_metrics(app)).dump(),
                                     "application/json");
    });
  }
};

}  // namespace

int main(int argc, char** argv) {
  constexpr const char* secret = "a secret of thirty-two bytes and more";
  journal shared;
  std::string origin = "http://allowed.example";
  surroundings around;
  auto own_options = around.options();
  own_options.push_back({"--origin", "An origin whose pages may call", &origin});
  saker::web_application app(argc, argv, own_options);
  around.apply(app);
  app.use_cors({.allowed_origins = {origin}, .allow_credentials = true});
  saker::jwt_bearer_options tokens;
  tokens.keys = {{saker::jwt_algorithm::hs256, secret}};
  tokens.valid_issuers = {"saker-tests"};
  tokens.valid_audiences = {"saker"};
  tokens.clock_skew = 0s;
  app.add(saker::jwt_bearer(tokens));
  app.add(signalr::defaults([](signalr::hub_options& options) {
    options.keep_alive_interval = 1s;
    options.add_protocol(std::make_shared<saker::testing::lines_protocol>());
  }));
  app.add(signalr::map_hub<test_hub>(
      "/hub",
      [](signalr::hub_endpoint_options& options) {
        options.connection.allow_stateful_reconnects = true;
        options.hub.name = "Interop.TestHub";
      },
      std::ref(shared)));
  // Stock clients ping every 15 s: only who asks for it is given up sooner.
  app.add(signalr::map_hub<test_hub>(
      "/impatient",
      [](signalr::hub_endpoint_options& options) {
        options.hub.client_timeout_interval = 2s;
        options.hub.name = "Interop.TestHub";
      },
      std::ref(shared)));
  app.add(signalr::map_hub<detailed_hub>(
      "/detailed",
      [](signalr::hub_endpoint_options& options) { options.hub.enable_detailed_errors = true; },
      std::ref(shared)));
  app.add(signalr::map_hub<secured_hub>(
      "/secured",
      [](signalr::hub_endpoint_options& options) {
        options.connection.authorization = {saker::require_authenticated_user()};
        options.connection.close_on_authentication_expiration = true;
        options.connection.enable_authentication_refresh = true;
      },
      std::ref(shared)));
  app.add(signalr::map_hub<administrators_hub>(
      "/administrators",
      [](signalr::hub_endpoint_options& options) {
        options.connection.authorization = {saker::require_role({"administrator"})};
      },
      std::ref(shared)));
  app.add(signalr::map_hub<refusing_hub>("/refusing"));
  map_compared_hubs(app);
  app.add(signalr::map_connection("/echo", echo_connection));
  app.map_post("/redirected/negotiate",
               [](saker::http_context& context) { return redirect(context, "/hub", false); });
  app.map_post("/redirected-with-token/negotiate",
               [](saker::http_context& context) { return redirect(context, "/secured", true); });
  app.map("/moved", [](saker::http_context& context) { return move(context, "/hub"); });
  app.map("/moved/negotiate",
          [](saker::http_context& context) { return move(context, "/hub/negotiate"); });
  app.map_post("/loop/negotiate",
               [](saker::http_context& context) { return redirect(context, "/loop", false); });
  app.map_get("/client", [](saker::http_context& context) {
    const auto& request = context.request();
    return context.response().send(std::string(request.scheme()) + " " +
                                   std::string(request.host()) + " " + request.remote_endpoint());
  });
  app.map_get("/health",
              [](saker::http_context& context) { return context.response().send("ok"); });
  app.map_get("/cookie", [](saker::http_context& context) {
    context.response().append_cookie("flavour", "vanilla");
    return context.response().send("set");
  });
  app.map_post("/shout", [&app](saker::http_context& context) -> task<void> {
    auto reading = context.request().read_all();
    const auto text = co_await reading;
    signalr::hub_context<test_hub>(app).clients().all().send(test_client::note, text);
    auto answering = context.response().send("sent");
    co_await answering;
  });
  return app.run();
}
