#include "signalr/hub/invocation_slot.hpp"

#include <utility>

#include "signalr/hub/hub_connection.hpp"

namespace saker::signalr {

namespace {

thread_local std::shared_ptr<invocation_slot> spare;

}  // namespace

std::shared_ptr<invocation_slot> invocation_slot::take() {
  auto slot = std::move(spare);
  // Whoever has kept a proxy of an earlier call has kept that call's slot.
  if (!slot || slot.use_count() != 1) return std::make_shared<invocation_slot>();
  // To count only reads. To lock, as this does, comes behind what others did before they let go.
  return slot->shared_from_this();
}

void invocation_slot::keep(std::shared_ptr<invocation_slot> slot) noexcept {
  slot->end();
  spare = std::move(slot);
}

void invocation_slot::begin(std::shared_ptr<hub_connection> of, kind what, std::size_t cost) {
  caller_id_ = of->id();
  loop_ = &of->loop();
  of_ = std::move(of);
  cost_ = cost;
  what_ = what;
  if (what == kind::counted) {
    of_->budget_.take_slot();
  } else {
    of_->budget_.take_beside(cost_);
  }
}

bool invocation_slot::begin_asking() {
  const auto what = what_.load(std::memory_order_relaxed);
  if (what == kind::connecting) return false;
  if (what == kind::beside) return true;
  if (loop_->is_current()) {
    give_back();
  } else {
    loop_->post([self = shared_from_this()] { self->give_back(); });
  }
  return true;
}

void invocation_slot::give_back() noexcept {
  if (!of_ || what_ != kind::counted) return;
  what_ = kind::beside;
  of_->budget_.take_beside(cost_);
  of_->give_back_slot();
}

void invocation_slot::end() noexcept {
  if (!of_) return;
  if (what_ == kind::counted) {
    of_->give_back_slot();
  } else {
    of_->budget_.give_back_beside(cost_);
  }
  what_ = kind::beside;
  of_.reset();
}

}  // namespace saker::signalr
