#include "signalr/transports/connection.hpp"

#include <algorithm>
#include <utility>

#include "async/resume_on.hpp"
#include "observe/log.hpp"
#include "signalr/transports/connection_endpoint.hpp"
#include "signalr/transports/heartbeat.hpp"
#include "signalr/transports/transport_traits.hpp"
#include "websocket/lifetime/connection.hpp"

namespace saker::signalr {
namespace {

bool are_same(const claims_principal& left, const claims_principal& right) {
  return left.expires() == right.expires() &&
         std::equal(left.claims().begin(), left.claims().end(), right.claims().begin(),
                    right.claims().end(), [](const claim& one, const claim& other) {
                      return one.type == other.type && one.value == other.value;
                    });
}

constexpr async::work_kind application_work{"SignalR connection", "SignalR connections", true};

}  // namespace

connection::connection(connection_endpoint& endpoint, std::string id, std::string token,
                       bool stateful_reconnect)
    : endpoint_(endpoint),
      id_(std::move(id)),
      token_(std::move(token)),
      loop_(event_loop::current()),
      input_(endpoint_.options().application_max_buffer_size),
      output_(*this, endpoint_.options()),
      slot_(stateful_reconnect) {
  settle_here();
  slot_.begin_waiting(now());
}

connection::~connection() = default;

const connection_options& connection::options() const noexcept { return endpoint_.options(); }

std::uint64_t connection::now() const noexcept { return loop().state().deadlines().coarse_now(); }

task<void> connection::enter() {
  for (;;) {
    auto& home = loop();
    async::resume_on there(&home);
    co_await there;
    if (&home == &loop()) break;
  }
}

void connection::settle_here() {
  auto& loop = *event_loop::current();
  loop_.store(&loop, std::memory_order_release);
  loop.state().stoppables().push_back(*this);
  loop.state().local<heartbeat>().add(*this);
}

bool connection::is_same_user(const claims_principal& user) const {
  try {
    return application_ ? application_->is_same_user(user)
                        : caller_.user()->name_identifier() == user.name_identifier();
  } catch (...) {
    observe::log(observe::log_level::error, "A connection's user is not known: " +
                                                observe::describe(std::current_exception()));
    return false;
  }
}

refresh_result connection::meet_user(const std::shared_ptr<const claims_principal>& user) {
  if (!user->is_authenticated() || are_same(*caller_.user(), *user)) return refresh_result::taken;
  const auto& known = caller_.user()->expires();
  const bool is_newer = !user->expires() || !known || *user->expires() > *known;
  if (is_newer) return refresh_user(user);
  return is_same_user(*user) ? refresh_result::taken : refresh_result::other_user;
}

refresh_result connection::refresh_user(const std::shared_ptr<const claims_principal>& user) {
  if (!is_same_user(*user)) return refresh_result::other_user;
  const auto& may = options().on_authentication_refresh;
  try {
    if (may && !may(*caller_.user(), *user)) return refresh_result::refused;
  } catch (...) {
    observe::log(observe::log_level::error, "A connection's on_authentication_refresh failed: " +
                                                observe::describe(std::current_exception()));
    return refresh_result::refused;
  }
  caller_.set_user(user);
  if (application_ && options().enable_authentication_refresh) application_->on_user_refreshed();
  return refresh_result::taken;
}

task<claim_result> connection::claim(transport_type wanted, event_loop& loop,
                                     std::shared_ptr<const claims_principal> user) {
  {
    auto entering = enter();
    co_await entering;
  }
  auto claiming = claim_here(wanted, user);
  const auto result = co_await claiming;
  if (result != claim_result::claimed) co_return result;
  if (!has_started() && !loop.is_current()) {
    // Nothing runs on it yet: it moves to where its transport is.
    list_node<connection>::unlink();
    list_node<async::stoppable>::unlink();
    loop_.store(&loop, std::memory_order_release);
    async::resume_on there(&loop);
    co_await there;
    if (!is_disposed()) settle_here();
  }
  co_return is_disposed() ? claim_result::gone : result;
}

task<claim_result> connection::claim_here(transport_type wanted,
                                          const std::shared_ptr<const claims_principal>& user) {
  if (is_disposed()) co_return claim_result::gone;
  if (!includes(options().transports, wanted)) co_return claim_result::unsupported;
  if (transport() != transport_type::none && transport() != wanted) {
    co_return claim_result::other_transport;
  }
  if (has_started() && meet_user(user) != refresh_result::taken) {
    co_return claim_result::refused;
  }
  auto result = claim_result::claimed;
  if (wanted == transport_type::long_polling) {
    auto taking = take_over_poll();
    result = co_await taking;
  } else if (wanted == transport_type::websockets && transport() == wanted) {
    auto taking = take_over_socket();
    result = co_await taking;
  } else if (slot_.is_carried() || lifetime_.has_ended()) {
    result = slot_.is_carried() ? claim_result::conflict : claim_result::gone;
  }
  if (result != claim_result::claimed) co_return result;
  if (transport() == transport_type::none) endpoint_.count_begin(wanted);
  slot_.carry(wanted);
  endpoint_.end_waiting(*this);
  co_return result;
}

/// A poll while another one waits takes its place, unless a third one does already.
task<claim_result> connection::take_over_poll() {
  if (lifetime_.has_ended()) co_return claim_result::gone;
  if (slot_.is_claimed()) co_return claim_result::conflict;
  if (slot_.is_carried()) {
    slot_.claim();
    output_.cancel_wait();
    auto waiting = wait_until_released();
    co_await waiting;
  }
  if (!lifetime_.has_ended()) co_return claim_result::claimed;
  slot_.give_up_claim();
  co_return claim_result::gone;
}

/// A WebSocket for a connection that has, or had, another one.
task<claim_result> connection::take_over_socket() {
  if (!allows_reconnect()) {
    const bool is_closing = lifetime_.has_ended() || output_.is_finished();
    if (slot_.was_reconnect_agreed() && is_closing) co_return claim_result::closing;
    co_return slot_.is_carried() ? claim_result::conflict : claim_result::gone;
  }
  if (slot_.is_claimed()) co_return claim_result::conflict;
  if (slot_.is_carried()) {
    slot_.claim();
    if (output_.socket()) output_.socket()->abort();
    input_.interrupt();
    auto waiting = wait_until_released();
    co_await waiting;
  }
  if (!is_disposed() && allows_reconnect()) co_return claim_result::claimed;
  slot_.give_up_claim();
  co_return is_disposed() ? claim_result::gone : claim_result::closing;
}

task<void> connection::wait_until_released() {
  while (slot_.is_carried()) {
    auto waiting = slot_.wait_until_released();
    co_await waiting;
  }
}

void connection::start_application() {
  if (!lifetime_.start_application()) return;
  const auto self = shared_from_this();
  loop().state().start(run_application());
  // Who comes while the server stops has missed being asked to end.
  if (loop().state().is_stopping()) on_stopping();
}

task<void> connection::run_application() {
  const auto self = shared_from_this();
  // A stop waits for what ends after the transport: `on_disconnected`.
  const async::activity running(loop().state(), application_work, {});
  bool failed = false;
  try {
    auto work = endpoint_.run(self);
    co_await work;
  } catch (...) {
    failed = true;
    observe::log(observe::log_level::error, "A connection's application failed: " +
                                                observe::describe(std::current_exception()));
  }
  application_ = nullptr;
  lifetime_.end_application();
  disable_reconnect();
  input_.close();
  output_.finish(failed);
  signal_closed();
  remove_if_over();
}

void connection::release(bool may_return) {
  slot_.release();
  caller_.end_first_request(!lifetime_.is_application_over());
  note_blocked(false);
  watch_.note_return();
  if (transport() == transport_type::websockets) output_.detach();
  const auto self = shared_from_this();
  if (may_return) {
    note_inactive();
  } else {
    end();
  }
  remove_if_over();
}

void connection::terminate() {
  const auto self = shared_from_this();
  end();
  output_.cancel_wait();
  remove_if_over();
}

void connection::note_inactive() {
  slot_.begin_waiting(now());
  endpoint_.begin_waiting(shared_from_this());
}

/// No transport carries it any more.
void connection::end() {
  if (!lifetime_.end()) return;
  disable_reconnect();
  input_.finish();
  output_.abandon();
  if (application_) application_->on_gone();
  signal_closed();
}

void connection::remove_if_over() {
  if (is_disposed() || slot_.is_carried() || !lifetime_.is_application_over()) return;
  // What a poll has not fetched yet waits for it, as long as polls may come.
  if (lifetime_.is_open() && transport() == transport_type::long_polling) return;
  lifetime_.dispose();
  endpoint_.end_waiting(*this);
  list_node<connection>::unlink();
  list_node<async::stoppable>::unlink();
  if (transport() != transport_type::none) {
    const bool is_stopping = loop().state().is_stopping();
    const auto how = is_stopping ? connection_end::app_shutdown : lifetime_.how();
    endpoint_.count_end(transport(), how, lifetime_.duration());
  }
  endpoint_.remove(*this);
}

void connection::abort() {
  const auto self = shared_from_this();
  disable_reconnect();
  if (const auto socket = output_.socket()) socket->abort();
  auto* const request = caller_.first_request();
  if (transport() == transport_type::server_sent_events && request) request->abort();
  output_.cancel_wait();
  end();
  // What has arrived is for nobody: answers to it reach the client no more.
  if (application_) application_->on_close_requested();
  remove_if_over();
}

void connection::abort_from_anywhere() {
  auto& home = loop();
  if (home.is_current()) {
    abort();
  } else {
    // It may have moved until that runs.
    home.post([self = shared_from_this()] {
      if (self->loop().is_current()) {
        self->abort();
      } else {
        self->abort_from_anywhere();
      }
    });
  }
}

bool connection::note_cut_off(const char* why) {
  if (!watch_.note_cut_off(now())) return false;
  observe::log(observe::log_level::warning, "Connection " + id_ + " is cut off: " + why);
  return true;
}

void connection::cut_off(const char* why) {
  if (!note_cut_off(why)) return;
  if (application_) {
    application_->on_cut_off(why);
  } else {
    loop().post([self = shared_from_this()] { self->abort(); });
  }
}

void connection::count_dropped(std::size_t messages) noexcept { endpoint_.count_dropped(messages); }

/// Who waits for the application to read does not receive, and so does not see the end. It goes on
/// when there is nothing left to receive; what has arrived comes first, but not for ever.
void connection::look_after_socket() {
  const auto& socket = output_.socket();
  if (!socket) return;
  const auto& behind = *socket->shared();
  const bool gone = behind.lifetime().has_ended() || behind.reader().end_has_arrived();
  if (!gone && !behind.lifetime().has_peer_close()) return;
  if (const auto* const near = output_.near()) {
    if (!near->can_send()) output_.drop_waiting();
    watch_.note_gone(now());
    const bool late = watch_.is_gone_for(options().disconnect_timeout, now());
    // Who has sent a Close may still be waiting for its answers.
    if (!late && (!gone || near->reader().has_unread())) return;
  }
  input_.interrupt();
}

void connection::on_heartbeat() {
  const auto self = shared_from_this();
  look_after_socket();
  const auto time = now();
  if (slot_.is_free_for(options().disconnect_timeout, time)) {
    lifetime_.expire();
    end();
    remove_if_over();
    return;
  }
  if (watch_.is_blocked_for(options().transport_send_timeout)) {
    lifetime_.expire();
    cut_off("The client has taken nothing for transport_send_timeout.");
    abort();
    return;
  }
  // It has had time to take its Close; one that polls still comes for it.
  if (slot_.is_carried() && watch_.is_cut_off_for(options().websocket_close_timeout, time)) {
    abort();
    return;
  }
  if (application_ && options().close_on_authentication_expiration && user()->expires() &&
      *user()->expires() <= std::chrono::system_clock::now()) {
    application_->on_close_requested();
  }
  if (application_) application_->on_heartbeat();
}

void connection::on_stopping() {
  const auto self = shared_from_this();
  disable_reconnect();
  if (application_) {
    application_->on_close_requested();
  } else {
    input_.finish();
    signal_closed();
  }
  if (!slot_.is_carried()) {
    end();
    remove_if_over();
  }
}

// What a handler of map_connection sees.

const std::string& connection_context::connection_id() const noexcept { return connection_->id(); }

transport_type connection_context::transport() const noexcept { return connection_->transport(); }

const claims_principal& connection_context::user() const noexcept { return *connection_->user(); }

const request_info& connection_context::request() const noexcept { return connection_->request(); }

std::map<std::string, std::any>& connection_context::items() noexcept {
  return connection_->items();
}

task<std::size_t> connection_context::read(std::span<std::byte> buffer) {
  if (rest_.empty()) {
    auto asking = connection_->input().next();
    rest_ = co_await asking;
  }
  const auto count = std::min(buffer.size(), rest_.size());
  std::copy_n(rest_.begin(), count, buffer.begin());
  rest_ = rest_.subspan(count);
  co_return count;
}

task<void> connection_context::write(std::span<const std::byte> data) {
  connection_->output().write(data, connection_->message_type());
  return connection_->output().room();
}

task<void> connection_context::write(std::string_view text) {
  return write(std::as_bytes(std::span(text)));
}

void connection_context::set_transfer_format(transfer_format format) {
  if (!carries(transport(), format)) {
    throw std::logic_error("Server-Sent Events carry text only.");
  }
  connection_->set_format(format);
}

std::stop_token connection_context::connection_closed() const noexcept {
  return connection_->closed();
}

void connection_context::abort() { connection_->abort_from_anywhere(); }

}  // namespace saker::signalr
