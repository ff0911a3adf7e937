// A branded type: the same bits as T, which the compiler will not mix with other T's. Money and ids are branded.

declare const brand: unique symbol

export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
