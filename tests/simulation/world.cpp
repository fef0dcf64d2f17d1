#include "world.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include <saker/app/web_application.hpp>

#include "app/worker.hpp"
#include "application.hpp"
#include "async/loop_state.hpp"
#include "client.hpp"
#include "memory.hpp"

namespace saker::simulation {
namespace {

constexpr nanoseconds answers_within = 90 * second;
constexpr nanoseconds serves_for = 400 * second;
// A body of 100 KB may take 420 s, at 240 bytes a second.
constexpr nanoseconds gone_within = 450 * second;

// What the server may hold, by its limits (application.cpp), and what this program itself does.
constexpr std::size_t bytes_of_server = 6 * 1024 * 1024;
constexpr std::size_t bytes_of_connection = 640 * 1024;

constexpr std::size_t secure_one_in = 8;

manners choose_manners(const scenario& what, random& choices) {
  using pace = manners::pace;
  using departure = manners::departure;
  manners how;
  how.latency = choices.one_of(20, 200, 2000, 20000) * microsecond;
  how.server_capacity = static_cast<std::size_t>(choices.one_of(2, 16, 64)) * 1024;
  how.client_capacity = static_cast<std::size_t>(choices.one_of(2, 16, 64, 256)) * 1024;
  how.whole = choices.one_in(4) || !what.has(part::cuts);
  if (choices.one_in(3) && what.has(part::stalls)) {
    how.stall_one_in = 20;
    how.longest_stall = choices.one_of(20, 500, 3000) * millisecond;
  }
  const auto kind = choices.below(12);
  const auto after = static_cast<std::size_t>(choices.below(4096));
  const auto when = choices.between(0, 12 * second);
  if (kind == 0 && what.has(part::lazy)) how.reads = pace::never;
  if (kind == 1 && what.has(part::slow)) how.reads = pace::slow;
  if (kind == 2 && what.has(part::slow)) how.writes = pace::slow;
  if (kind == 3 && what.has(part::lazy)) how.writes = pace::never;
  if (kind == 4 && what.has(part::garbled)) how.garbles_at = after;
  if (kind == 5 && what.has(part::leaving)) {
    how.leaves = choices.one_in(3)   ? departure::ends
                 : choices.one_in(2) ? departure::resets
                                     : departure::vanishes;
  }
  how.reads_normally = how.writes_normally = choices.one_in(2) ? after : after / 16;
  how.leaves_after = choices.one_in(2) ? when : when / 1000;
  return how;
}

std::string describe(const manners& how) {
  static constexpr const char* paces[] = {"", " slowly", " never"};
  static constexpr const char* departures[] = {"", "; ends", "; resets", "; vanishes"};
  std::string text = how.secure ? " over TLS" : "";
  const auto add = [&](const char* what, manners::pace pace, std::size_t from) {
    if (pace == manners::pace::normal) return;
    text += std::string("; ") + what + paces[static_cast<int>(pace)] + " from byte " +
            std::to_string(from);
  };
  add("reads", how.reads, how.reads_normally);
  add("writes", how.writes, how.writes_normally);
  if (how.garbles_at) text += "; garbles byte " + std::to_string(*how.garbles_at);
  text += departures[static_cast<int>(how.leaves)];
  if (how.leaves != manners::departure::stays) {
    text += " after " + std::to_string(how.leaves_after / millisecond) + " ms";
  }
  return text;
}

}  // namespace

world* world::current_ = nullptr;

std::string scenario::arguments() const {
  std::string text = "--seed " + std::to_string(seed);
  if (!clients.empty()) {
    text += " --clients ";
    for (const auto each : clients) text += std::to_string(each) + ',';
    text.pop_back();
  }
  if (!without.empty()) {
    text += " --without ";
    for (const auto each : without) {
      text += std::string(part_names[static_cast<std::size_t>(each)]) + ',';
    }
    text.pop_back();
  }
  return text;
}

world::world(const scenario& what) : what_(what), choices_(random(what.seed).fork(1)) {
  system::instance().restart(random_for(2));
  current_ = this;
  background_ = std::make_unique<event_loop>();
  other_thread_ = std::make_unique<event_loop>();
  application_ = std::make_unique<web_application>();
}

world::~world() {
  clients_.clear();
  application_.reset();
  other_thread_.reset();
  background_.reset();
  current_ = nullptr;
}

outcome world::run() {
  begin();
  make_clients();
  serve_clients();
  let_all_leave();
  end_server();
  mix(static_cast<std::uint64_t>(now()));
  return {steps_, fingerprint_, clients_.size(), now() - started_};
}

void world::begin() {
  started_ = now();
  const auto threads = what_.has(part::loops) ? 1 + choices_.below(3) : 1;
  shutdown_timeout_ = choices_.between(12, 30) * second;
  application_->set_log_level("off");
  secure_ = what_.has(part::tls) && random_for(4).one_in(secure_one_in);
  application_->set_urls(secure_ ? "http://127.0.0.1:80;https://127.0.0.1:443"
                                 : "http://127.0.0.1:80");
  if (secure_) {
    // A link that stalls is not given up.
    application_->use_https({.certificates = {{.certificate_file = server_certificate_file()}},
                             .handshake_timeout = std::chrono::seconds(60)});
  }
  application_->set_threads(static_cast<unsigned>(threads));
  application_->set_shutdown_timeout(std::chrono::milliseconds(shutdown_timeout_ / millisecond));
  map_application(*application_, *this, random_for(3));
  loops_.push_back({background_.get(), nullptr});
  application_->start();
  memory_before_ = heap_in_use();
}

void world::make_clients() {
  using maker = std::unique_ptr<client> (*)(world&, std::size_t, random, const manners&);
  static constexpr std::pair<maker, part> kinds[] = {
      {make_http1_client, part::http1},       {make_http1_client, part::http1},
      {make_http2_client, part::http2},       {make_http2_client, part::http2},
      {make_websocket_client, part::sockets}, {make_websocket_client, part::sockets},
      {make_websocket_client, part::sockets}, {make_hub_client, part::hubs},
      {make_hub_client, part::hubs},          {make_flood_client, part::floods}};
  const auto count = 2 + choices_.below(most_clients - 1);
  for (std::size_t i = 0; i < count; ++i) {
    auto choices = random_for(100 + i);
    const auto [make, kind] = kinds[choices.below(std::size(kinds))];
    auto how = choose_manners(what_, choices);
    how.secure = secure_ && random_for(4000 + i).one_in(2);
    how.window = static_cast<std::uint32_t>(
        random_for(5000 + i).one_of(1'000, 65'535, 1'000'000, 1'000'000));
    const auto begins = choices.between(0, choices.one_in(2) ? 3 * second : 5 * millisecond);
    const bool wanted = what_.clients.empty() || what_.clients.contains(i);
    if (!wanted || !what_.has(kind)) continue;
    clients_.push_back(make(*this, i, choices.fork(7), how));
    note("client " + std::to_string(i) + " is " + clients_.back()->name() + describe(how));
    times_.after(begins, [made = clients_.back().get()] { made->start(); });
  }
  if (choices_.one_in(3) && what_.has(part::stop)) {
    times_.after(choices_.between(0, 20 * second), [this] { stop_server(); });
  }
}

void world::serve_clients() {
  const auto end = started_ + serves_for;
  auto next_check = now() + second;
  // The dishonest ones run into their limits meanwhile.
  const auto at_least = started_ + choices_.between(4, 20) * second;
  const auto has_finished = [](const auto& each) { return !each->honest() || each->finished(); };
  while (now() < end) {
    if (now() >= at_least && std::ranges::all_of(clients_, has_finished)) break;
    step(next_check);
    if (now() < next_check) continue;
    next_check = now() + second;
    check_clients();
  }
  note_trickling();
  for (const auto& each : clients_) {
    if (each->honest() && !each->finished() && !each->waits_for_others() && !stopping()) {
      fail("client " + std::to_string(each->index()) + " (" + each->name() +
           ") has not come to its end: " + each->waiting_for() + each->describe_links());
    }
  }
}

void world::note_trickling() {
  if (std::ranges::any_of(clients_, [](const auto& each) { return each->trickles(); })) {
    trickled_at_ = now();
  }
}

void world::check_clients() {
  note_trickling();
  if (stopping()) return;
  for (const auto& each : clients_) {
    const auto since = each->waiting_since();
    if (!each->honest() || since == 0 || now() - since < answers_within) continue;
    fail("client " + std::to_string(each->index()) + " (" + each->name() + ") waits since " +
         std::to_string((now() - since) / second) + " s for " + each->waiting_for() +
         each->describe_links());
  }
}

void world::let_all_leave() {
  const auto begun = now();
  for (const auto& each : clients_) {
    if (!each->all_links_over()) {
      times_.after(choices_.between(0, second), [one = each.get()] { one->leave(); });
    }
  }
  times_.after(second, [] {});
  while (now() < begun + gone_within) {
    if (now() >= begun + second && server_is_empty()) break;
    step(begun + gone_within);
  }
  check_nothing_left();
  for (const auto& each : clients_) each->check_end();
}

bool world::server_is_empty() const {
  if (system::instance().open_sockets() != 0) return false;
  return std::ranges::all_of(loops_, [](const driven& each) {
    return each.over || each.loop->state().open_connections() == 0;
  });
}

void world::check_nothing_left() {
  if (server_is_empty()) return;
  fail("something is left " + std::to_string(gone_within / second) +
       " s after all clients have gone: " + describe_rest());
}

std::string world::describe_rest() const {
  std::string text = std::to_string(system::instance().open_sockets()) + " sockets";
  for (const auto& each : loops_) {
    text += ", a loop with " + std::to_string(each.loop->state().open_connections());
  }
  for (const auto& each : clients_) {
    if (each->live_links() == 0) continue;
    text += "; client " + std::to_string(each->index()) + " (" + each->name() + ")" +
            each->describe_links();
  }
  return text;
}

void world::stop_server() {
  if (stop_began_ != 0) return;
  stop_began_ = now();
  note("the server is told to stop");
  application_->stop();
}

void world::end_server() {
  stop_server();
  const auto deadline = stop_began_ + shutdown_timeout_;
  while (!all_over() && now() <= deadline) step(deadline + second);
  if (!all_over()) fail("the stop has not ended by its deadline: " + describe_rest());
  application_->wait();
}

bool world::all_over() const {
  return std::ranges::all_of(loops_, [](const driven& each) {
    return !each.worker || each.over || each.worker->has_finished();
  });
}

bool world::step(nanoseconds until) {
  ++steps_;
  auto& own = system::instance();
  if (!times_.empty() && times_.next() <= own.now()) {
    times_.run_next();
  } else if (turn_some_loop()) {
    own.advance_to(own.now() + choices_.between(100, 20 * microsecond));
  } else {
    auto next = until;
    if (!times_.empty()) next = std::min(next, times_.next());
    if (const auto timer = own.next_timer(); timer >= 0) next = std::min(next, timer);
    for (const auto& each : loops_) {
      if (!each.over && each.pauses_until > own.now()) next = std::min(next, each.pauses_until);
    }
    own.advance_to(std::max(next, own.now() + 1));
    if (next == until) return false;
  }
  if (steps_ % 64 == 0) {
    mix(static_cast<std::uint64_t>(now()));
    check_memory();
  }
  return true;
}

/// Each loop is a thread: now and then it gets no time for a while, which happens to nobody else.
bool world::turn_some_loop() {
  const auto offset = choices_.below(loops_.size());
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    auto& each = loops_[(i + offset) % loops_.size()];
    if (each.over || each.pauses_until > now()) continue;
    if (!each.loop->state().turn()) continue;
    if (each.worker && each.loop->state().is_over()) {
      each.over = true;
      each.on_end();
      note("a loop has ended");
    }
    if (choices_.one_in(200)) {
      each.pauses_until = now() + choices_.between(microsecond, 20 * millisecond);
    }
    return true;
  }
  return false;
}

void world::elsewhere(nanoseconds delay, std::function<void()> function) {
  times_.after(delay, std::move(function));
}

void world::meanwhile(std::function<void()> function) {
  bool done = false;
  other_thread_->post([&] {
    function();
    done = true;
  });
  while (!done) other_thread_->state().turn();
}

void world::add_worker(app::worker& worker, std::function<void()> on_end) {
  loops_.push_back({&worker.loop(), &worker, std::move(on_end)});
}

void world::join(app::worker& worker) {
  for (auto& each : loops_) {
    if (each.worker != &worker) continue;
    while (!each.over) step(now() + second);
  }
}

void world::check_memory() {
  const auto in_use = heap_in_use();
  std::size_t allowed = memory_before_ + bytes_of_server;
  for (const auto& each : clients_) {
    allowed += each->held() * 2 + each->live_links() * bytes_of_connection;
  }
  most_memory_ = std::max(most_memory_, in_use);
  if (in_use <= allowed) return;
  std::string who;
  for (const auto& each : clients_) {
    if (each->live_links() > 0) who += "; " + std::to_string(each->index()) + " " + each->name();
  }
  fail("the server holds " + std::to_string((in_use - memory_before_) / 1024) + " KiB, where " +
       std::to_string((allowed - memory_before_) / 1024) + " KiB are its bound" + who);
}

void world::mix(std::uint64_t value) noexcept {
  fingerprint_ = (fingerprint_ ^ value) * 0x100000001b3U;
  fingerprint_ ^= fingerprint_ >> 29;
}

void world::note(std::string_view what) {
  if (!what_.trace) return;
  std::fprintf(stderr, "%12.6f %.*s\n", static_cast<double>(now() - started_) / second,
               static_cast<int>(what.size()), what.data());
}

void world::fail(std::string_view what) {
  std::fprintf(stderr, "FAILED %s\n  after %.6f s, step %llu: %.*s\n", what_.arguments().c_str(),
               static_cast<double>(now() - started_) / second,
               static_cast<unsigned long long>(steps_), static_cast<int>(what.size()), what.data());
  std::fflush(stderr);
  ::_exit(1);
}

}  // namespace saker::simulation
