import type { Dispatcher } from "undici";

/** By the headers of a request, which are its own: who is to be told when its first byte is about to be written. */
export const tellSending = new WeakMap<object, () => void>();

export const noteSending: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const { headers } = options;
  const tell = headers ? tellSending.get(headers) : undefined;
  if (!tell) return dispatch(options, handler);
  return dispatch(options, {
    onRequestStart(controller, context) {
      tell();
      handler.onRequestStart?.(controller, context);
    },
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (...args) => handler.onResponseError?.(...args),
  });
};
