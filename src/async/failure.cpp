#include "async/failure.hpp"

#include <atomic>
#include <iostream>

namespace saker::async {
namespace {

void print(std::string_view what, const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    std::cerr << what << ": " << error.what() << '\n';
  } catch (...) {
    std::cerr << what << ".\n";
  }
}

constinit std::atomic<failure_listener> listener_of_all = print;

}  // namespace

void set_failure_listener(failure_listener listener) noexcept { listener_of_all = listener; }

void report_failure(std::string_view what, const std::exception_ptr& exception) {
  listener_of_all.load()(what, exception);
}

}  // namespace saker::async
