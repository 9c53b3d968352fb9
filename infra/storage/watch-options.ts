/** Which objects of a bucket are tagged, and how their events come. */
export interface WatchOptions {
  /**
   * Only objects whose keys begin with this.
   * @default - all
   */
  readonly prefix?: string | undefined;
  /**
   * Only objects whose keys end with this.
   * @default - all
   */
  readonly suffix?: string | undefined;
  /**
   * Where the events come from. `notifications` adds to the notifications of the bucket; S3 accepts
   * no two that overlap. `event-bridge` adds a rule, and leaves an imported bucket as it is:
   * EventBridge must be turned on in its properties.
   * @default notifications
   */
  readonly source?: 'notifications' | 'event-bridge' | undefined;
}
