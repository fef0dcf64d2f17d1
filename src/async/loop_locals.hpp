#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <vector>

#include "async/disposable.hpp"

namespace saker::async {

class loop_state;

/// What there is once for each loop: values of other rooms, which this one does not know.
class loop_locals {
 public:
  template <class T>
  T& get(loop_state& loop) {
    static const std::size_t place = next_place();
    if (values_.size() <= place) values_.resize(place + 1);
    if (!values_[place]) values_[place] = std::make_unique<local<T>>(loop);
    return static_cast<local<T>&>(*values_[place]).value;
  }

 private:
  template <class T>
  struct local final : disposable {
    explicit local(loop_state&) : value() {}
    explicit local(loop_state& loop)
      requires std::constructible_from<T, loop_state&>
        : value(loop) {}
    T value;
  };

  static std::size_t next_place() noexcept;

  std::vector<std::unique_ptr<disposable>> values_;
};

}  // namespace saker::async
