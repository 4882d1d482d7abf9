/**
 * One message at a time towards the server: what arrives meanwhile replaces what waits.
 *
 * @template Message
 * @param {(message: Message) => void} send
 */
export function latestWins(send) {
  let busy = false;
  /** @type {Message | null} */
  let waiting = null;
  /** @type {number | undefined} */
  let timer;
  const next = () => {
    busy = false;
    clearTimeout(timer);
    if (waiting !== null) {
      const message = waiting;
      waiting = null;
      offer(message);
    }
  };
  /** @param {Message} message */
  const offer = (message) => {
    if (busy) {
      waiting = message;
      return;
    }
    busy = true;
    // a lost reply must not freeze the map
    timer = setTimeout(next, 4000);
    send(message);
  };
  // what waits is not wanted any more
  const drop = () => {
    waiting = null;
  };
  return { offer, done: next, drop };
}
